export {
  type AiSdkEmbeddingModel,
  type AiSdkModel,
  type FromAiSdkOptions,
  fromAiSdk,
  toAiSdk,
} from './ai-sdk.ts'
export { type AiSdkRerankingModel, fromAiSdkReranker, toAiSdkReranker } from './ai-sdk-rerank.ts'
export type { Clock } from './clock.ts'
export { cohereModel } from './cohere.ts'
export { cohereReranker } from './cohere-rerank.ts'
export type { HostedOptions } from './hosted-options.ts'
export { type KnownHostedModel, knownHostedModels } from './known-models.ts'
export { type FromLangChainOptions, fromLangChain, type LangChainEmbeddings, toLangChain } from './langchain.ts'
export { ollamaModel } from './ollama.ts'
export { openaiCompatibleModel, openaiModel } from './openai-compatible.ts'
export { openaiCompatibleReranker } from './openai-compatible-rerank.ts'
export type { RateLimits } from './rate-limiter.ts'
export { voyageModel } from './voyage.ts'
export { voyageReranker } from './voyage-rerank.ts'
