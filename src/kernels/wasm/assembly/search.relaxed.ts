export * from './_search'
