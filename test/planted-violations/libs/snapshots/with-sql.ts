import { type DataSource } from 'typeorm'; // breaks: databases-behind-adapters

export const seen = (source: DataSource): boolean => source.isInitialized;
