export { type FakeModel, type FakeModelOptions, fakeModel } from './fake-model.ts'
export { type StorePlace, storeConformance } from './store-conformance.ts'
