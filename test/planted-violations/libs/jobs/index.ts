export const everything = 'everything';
