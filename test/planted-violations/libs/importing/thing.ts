export const importing = 'importing';
