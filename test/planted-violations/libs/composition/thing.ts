export const composition = 'composition';
