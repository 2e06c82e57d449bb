// Names of rooms, users and logs, and how they are compared.

/** Name of the log of direct messages. */
export const DIRECT_LOG = "@";
/** Name of the log of broadcasts. */
export const BROADCAST_LOG = "*";

/**
 * The form under which a name is unique: shown as typed, compared without case.
 * @param {string} name
 */
export function nameKey(name) {
  return name.toLowerCase();
}
