import { UserError } from '../errors.js';

/** A file that is not what it was when it was written, or never was of its format: what it holds cannot be used, whatever is asked for. */
export class DamagedFile extends UserError {}
