/** The collection of the current folder, where none is named. */
export const defaultCollectionPath = 'collection.vecino'
