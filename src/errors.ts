/**
 * A mistake of the user's (a missing file, an unknown setting, too little disk): shown as one line, exit code 2.
 * Anything else that is thrown is ours and shows its stack.
 */
export class UserError extends Error {
  override name = 'UserError';
  readonly exitCode = 2;
}

/** The run was asked to stop (Ctrl-C, SIGTERM); what was finished is on disk and the same command continues. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly exitCode = 130;
}
