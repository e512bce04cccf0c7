export const syncing = 'syncing';
