export const edition = 'community';
