// ContextValues: typed values of one call.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contextKey, ContextValues } from "#lib/index.js";

interface User {
  readonly name: string;
}
const user = contextKey<User | undefined>("user", undefined);
const attempts = contextKey("attempts", 1);

describe("ContextValues", () => {
  it("gives the default until something is set, and after it is deleted", () => {
    const values = new ContextValues();
    assert.deepEqual([values.get(user), values.get(attempts)], [undefined, 1]);
    values.set(attempts, 2).set(user, { name: "root" });
    assert.deepEqual([values.get(user)?.name, values.get(attempts)], ["root", 2]);
    assert.equal(values.delete(attempts), values);
    assert.deepEqual([values.get(user)?.name, values.get(attempts)], ["root", 1]);
  });

  it("undefined and 0 are values, not the default", () => {
    const values = new ContextValues().set(attempts, 0);
    assert.equal(values.get(attempts), 0);
    const withDefault = contextKey<string | undefined>("text", "default");
    assert.equal(values.set(withDefault, undefined).get(withDefault), undefined);
  });

  it("keys of the same description are different keys", () => {
    const other = contextKey("attempts", 100);
    const values = new ContextValues().set(attempts, 5);
    assert.equal(values.get(other), 100);
    assert.equal(other.id.description, "attempts");
  });

  it("two calls share nothing", () => {
    const one = new ContextValues().set(attempts, 5);
    assert.equal(new ContextValues().get(attempts), 1);
    assert.equal(one.get(attempts), 5);
  });
});
