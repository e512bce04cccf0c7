export const backups = 'backups';
