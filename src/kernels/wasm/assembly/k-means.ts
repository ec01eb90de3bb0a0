export * from './_k-means'
