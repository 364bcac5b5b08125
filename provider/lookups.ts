/**
 * Node looks names up four at a time, and each that no server knows an answer to takes seconds: machines that sleep
 * would keep those that are awake in line. Read when the first name is looked up.
 */
process.env.UV_THREADPOOL_SIZE ??= "128";

export {};
