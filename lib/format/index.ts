export * from './bytes';
export * from './place';
export * from './time';
