export * from './bytes';
export * from './place';
export * from './sentence';
export * from './time';
