import { UserError } from '../errors.js';

/** Checks the name of a data set, which becomes part of file names. @throws UserError with `where` before it */
export function checkSetName(name: string, where: string): void {
  if (!/^[\w-][\w.-]*$/.test(name) || name.length > 100)
    throw new UserError(
      `${where}: a name has letters, digits, "_", "-" and "." only, does not begin with "." and has at most 100 characters`,
    );
}
