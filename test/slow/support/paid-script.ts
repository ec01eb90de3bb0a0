import { type FakeModel, fakeModel } from '../../../src/testing/fake-model.ts'

export const textsPerCall = 30
const parallelCalls = 3
export const records = Array.from({ length: 1500 }, (_, i) => ({ id: `r${i}`, text: `Record number ${i} of the job.` }))

export function paidModel(onCall: (texts: readonly string[]) => Promise<void>): FakeModel {
  return fakeModel({ cost: 'paid', limits: { textsPerCall, parallelCalls }, beforeCall: (_, texts) => onCall(texts) })
}
