// What a Node program costs that does nothing: cold starts are measured from there.
process.stdout.write(`{"case":"once","calls":1}\n`);
