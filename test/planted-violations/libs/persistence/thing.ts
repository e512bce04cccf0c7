export const persistence = 'persistence';
