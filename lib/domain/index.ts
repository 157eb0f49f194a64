export * from './asset';
export * from './messages';
export * from './naming';
export * from './services';
export * from './status';
