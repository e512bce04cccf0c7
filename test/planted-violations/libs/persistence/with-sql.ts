import { type DataSource } from 'typeorm';

export const seen = (source: DataSource): boolean => source.isInitialized;
