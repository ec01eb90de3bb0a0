export * from './_reachability'
