/*
 * Who may read a disk: we, and whoever the operator puts into our group, such as a web server that is to send content.
 * The umask may take away more, never give more.
 */

export const FOLDER_MODE = 0o750;
export const FILE_MODE = 0o640;
