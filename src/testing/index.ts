export { type FakeModel, type FakeModelOptions, fakeModel } from './fake-model.ts'
export {
  type FaultServer,
  type FaultServerOptions,
  type Meter,
  type RecordedRequest,
  startFaultServer,
} from './fault-server.ts'
export { type AnswerFault, answerFaults, type Fault, harmlessAnswers } from './faults.ts'
export { type HubFault, type HubServer, type HubServerOptions, hubCommit, startHubServer } from './hub-server.ts'
export { type PlantOptions, plantedId, plantedVector, readPlantedId } from './planted-vectors.ts'
export { type StorePlace, storeConformance } from './store-conformance.ts'
export type { WireContract, WireQuestion } from './wire-contracts.ts'
