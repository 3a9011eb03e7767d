/** What users have written down is not right: a line for people that names the file, the key, and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
