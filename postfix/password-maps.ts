/** Parameters whose tables hold passwords (`smtp_sasl_password_maps`, `lmtp_sasl_password_maps`, ...; postconf(5)). */
export const takesPasswords = (name: string): boolean => /password_maps$/.test(name);

/**
 * Whether a parameter's value holds passwords itself: a table within it (`inline:`, `static:`; DATABASE_README) of a
 * parameter for passwords. Everyone on a machine may read main.cf and master.cf.
 */
export const holdsPasswords = (name: string, value: string): boolean =>
    takesPasswords(name) && /\b(inline|static):/.test(value);

export const passwordsBelong =
    "holds passwords, and everyone on the machine may read that file: put them into tables, and name the table here (@{name})";
