// What the guest and the test agree on.

/** A word of the guest's kernel command line: without it nothing here makes a vsock socket, whose peer would be a real host. */
export const IN_GUEST = "ttrpc.guest=1";
/** What a line begins with that is a report. */
export const REPORT_MARK = "ttrpc-report ";

export interface Report {
  readonly check: string;
  /** Why it failed; absent if it did not. */
  readonly error?: string;
}
