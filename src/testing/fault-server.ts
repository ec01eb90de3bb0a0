import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InvalidArgumentError } from '../spec/errors.ts'
import { drip, jsonOf, refuse, send, sendHuge } from './fault-responses.ts'
import { type AnswerFault, answerFaults, dressed, type Fault, spoil, toWire } from './faults.ts'
import { type RerankContract, readRerank, rerankAnswer, rerankContractOf } from './rerank-contracts.ts'
import {
  answerTo,
  contractBase,
  contractOf,
  readQuestion,
  type WireContract,
  type WireQuestion,
  wordsOf,
  writeAnswer,
} from './wire-contracts.ts'

export interface FaultServerOptions {
  /**
   * What goes wrong with a request, by its number from 0; the rest is answered rightly. An array is a script for the
   * first requests. @default nothing
   */
  readonly faults?:
    | readonly (Fault | undefined)[]
    | ((request: number, question: WireQuestion) => Fault | undefined)
    | undefined
  /** A text that is always refused or spoilt, whoever else is in its request: a status, or what happens to its vector. */
  readonly poison?: ((text: string) => 400 | 'zeros' | undefined) | undefined
  /** Integer ≥ 32. @default 64 */
  readonly dimensions?: number | undefined
  /** Other weights under the same name. @default 0 */
  readonly weights?: number | undefined
  /** Words of one text beyond which a request is refused. @default none */
  readonly window?: number | undefined
  /** Words of one request beyond which it is refused. @default none */
  readonly wordsPerRequest?: number | undefined
  /** Capabilities that `/api/show` tells. @default ['embedding'] */
  readonly capabilities?: readonly string[] | undefined
  /** Headers of an answer that is none of the faults', such as those that tell of limits. @default none */
  readonly headers?: ((request: number) => Readonly<Record<string, string>>) | undefined
  /** Called before a request is answered, with its number. */
  readonly onRequest?: ((request: number) => void) | undefined
}

export interface RecordedRequest {
  readonly path: string
  readonly headers: Readonly<IncomingMessage['headers']>
  readonly body: unknown
  readonly texts: readonly string[]
  readonly fault: Fault | undefined
}

/** What the server would put on the invoice: requests answered with vectors, right or wrong. */
export interface Meter {
  requests: number
  tokens: number
  /** Of those, requests and tokens whose answer was broken off or garbled on the way, so that no client can count them. */
  unheardRequests: number
  unheardTokens: number
  /** How often each text was embedded. */
  readonly texts: Map<string, number>
}

export interface FaultServer {
  /** Without a slash at the end. */
  readonly url: string
  /** Where the client of a contract is pointed at. */
  baseUrl(contract: WireContract): string
  readonly requests: readonly RecordedRequest[]
  readonly meter: Meter
  /** Change the weights behind the name while it runs; `share` of the way to the others, in (0, 1]. @default share 1 */
  setWeights(weights: number, share?: number): void
  close(): Promise<void>
}

/**
 * A server on loopback that speaks OpenAI's `/v1/embeddings`, Ollama's `/api/embed`, Cohere's `/v2/embed` and Voyage's
 * `/voyage/v1/embeddings`, with the `/rerank` of each that has one, and goes wrong as told. Its vectors carry the id of
 * their text (`readPlantedId`), so that a row in the wrong place is seen; a token is a word; its meter keeps the invoice.
 */
export async function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const { dimensions = 64 } = options
  if (!Number.isSafeInteger(dimensions) || dimensions < 32)
    throw new InvalidArgumentError('options.dimensions', 'an integer ≥ 32', dimensions)
  const state = new ServerState(options, dimensions)
  const server = createServer((request, response) => {
    state.handle(request, response).catch(() => response.destroy())
  })
  // A client must not find its connection closed because the machine was busy.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    baseUrl: (contract) => url + contractBase[contract],
    requests: state.requests,
    meter: state.meter,
    setWeights(weights, share = 1) {
      state.weights = weights
      state.share = share
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

/** NaN has no word in JSON, so an answer that holds it is none. */
const unheardFaults: readonly Fault['kind'][] = ['nan', 'stall', 'drip', 'truncated-json', 'wrong-type']

const emptyQuestion = { texts: [], dimensions: 0, wantsBase64: false, isUncut: true }

class ServerState {
  readonly requests: RecordedRequest[] = []
  readonly meter: Meter = { requests: 0, tokens: 0, unheardRequests: 0, unheardTokens: 0, texts: new Map() }
  weights: number
  share = 1
  private readonly options: FaultServerOptions
  private readonly dimensions: number

  constructor(options: FaultServerOptions, dimensions: number) {
    this.options = options
    this.dimensions = dimensions
    this.weights = options.weights ?? 0
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    const body = await jsonOf(request)
    if (path === '/api/show') return this.show(response)
    const reranked = rerankContractOf(path)
    if (reranked !== undefined) return this.rerank(response, reranked, { path, headers: request.headers, body })
    const contract = contractOf(path)
    const question = contract === undefined ? undefined : readQuestion(contract, body, this.dimensions)
    if (question === undefined) return refuse(response, contract === undefined ? 404 : 400, contract, 'not understood')
    const number = this.requests.length
    const { faults } = this.options
    const fault = typeof faults === 'function' ? faults(number, question) : faults?.[number]
    this.requests.push({ path, headers: request.headers, body, texts: question.texts, fault })
    this.options.onRequest?.(number)
    for (const [name, value] of Object.entries(this.options.headers?.(number) ?? {})) response.setHeader(name, value)
    await this.answer(response, question, fault)
  }

  private async answer(response: ServerResponse, question: WireQuestion, fault: Fault | undefined): Promise<void> {
    const { contract, texts } = question
    if (fault?.kind === 'status') {
      for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value)
      return refuse(response, fault.status, contract, fault.message ?? 'told to fail', fault.code)
    }
    if (fault?.kind === 'reset') return void response.destroy()
    if (fault?.kind === 'redirect') {
      response.writeHead(fault.status, { location: fault.location }).end()
      return
    }
    if (fault?.kind === 'html') return send(response, '<!doctype html><title>Sign in</title>', 'text/html')
    if (fault?.kind === 'huge') return sendHuge(response, fault.bytes)
    const refusal = this.refusalOf(question)
    if (refusal !== undefined) return refuse(response, refusal.status, contract, refusal.message, refusal.code)

    const answer = answerTo(question, this)
    for (const [i, text] of texts.entries())
      if (this.options.poison?.(text) === 'zeros') answer.vectors[i]?.values.fill(0)
    if (fault !== undefined && isAnswerFault(fault)) spoil(answer, fault.kind, question)
    this.meter.requests++
    this.meter.tokens += answer.tokens
    if (fault !== undefined && unheardFaults.includes(fault.kind)) {
      this.meter.unheardRequests++
      this.meter.unheardTokens += answer.tokens
    }
    for (const text of texts) this.meter.texts.set(text, (this.meter.texts.get(text) ?? 0) + 1)
    const written = writeAnswer(question, answer)
    const isDressed = fault?.kind === 'reordered-keys' || fault?.kind === 'extra-fields'
    const wire = toWire(isDressed ? dressed(written, fault.kind) : written)
    if (fault?.kind === 'truncated-json') return send(response, wire.slice(0, wire.length / 2))
    if (fault?.kind === 'wrong-type') return send(response, wire, 'text/plain')
    if (fault?.kind === 'stall') {
      response.writeHead(200, { 'content-type': 'application/json' }).write(wire.slice(0, wire.length / 2))
      return
    }
    if (fault?.kind === 'drip') return drip(response, wire, fault.everyMs)
    send(response, wire)
  }

  private refusalOf({ texts, isUncut }: WireQuestion): { status: number; message: string; code?: string } | undefined {
    const { poison, window = Infinity, wordsPerRequest = Infinity } = this.options
    if (texts.some((text) => poison?.(text) === 400)) return { status: 400, message: 'a text cannot be embedded' }
    const words = texts.map((text) => wordsOf(text).length)
    if (isUncut && Math.max(...words) > window)
      return {
        status: 400,
        message: `This model's maximum context length is ${window} tokens, however you requested more.`,
        code: 'context_length_exceeded',
      }
    if (words.reduce((sum, count) => sum + count, 0) > wordsPerRequest)
      return { status: 413, message: 'the request is too large' }
    return undefined
  }

  /** Faults of a ranking: a status, one result missing or more, an index twice or out of range, a score that is null. */
  private async rerank(
    response: ServerResponse,
    contract: RerankContract,
    asked: Pick<RecordedRequest, 'path' | 'headers' | 'body'>,
  ): Promise<void> {
    const question = readRerank(asked.body)
    if (question === undefined) return refuse(response, 400, contract, 'not understood')
    const number = this.requests.length
    const { faults } = this.options
    const wire = { ...emptyQuestion, contract, model: question.model, texts: question.documents }
    const fault = typeof faults === 'function' ? faults(number, wire) : faults?.[number]
    this.requests.push({ ...asked, texts: question.documents, fault })
    this.options.onRequest?.(number)
    if (fault?.kind === 'status') {
      for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value)
      return refuse(response, fault.status, contract, fault.message ?? 'told to fail', fault.code)
    }
    const { answer, results, tokens } = rerankAnswer(contract, question)
    this.meter.requests++
    this.meter.tokens += tokens
    if (fault?.kind === 'one-missing') results.pop()
    else if (fault?.kind === 'one-more') results.push({ index: results.length, relevance_score: 0 })
    else if (fault?.kind === 'same-index') (results.at(-1) as { index: number }).index = results[0]?.index ?? 0
    else if (fault?.kind === 'index-out-of-range') (results.at(-1) as { index: number }).index = results.length
    else if (fault?.kind === 'null-values') (results[0] as { relevance_score: number | null }).relevance_score = null
    send(response, JSON.stringify(answer))
  }

  private show(response: ServerResponse): void {
    const { capabilities = ['embedding'] } = this.options
    const facts = { 'bert.context_length': 512, 'bert.embedding_length': this.dimensions }
    send(response, JSON.stringify({ capabilities, model_info: facts }))
  }
}

function isAnswerFault(fault: Fault): fault is { readonly kind: AnswerFault } {
  return (answerFaults as readonly string[]).includes(fault.kind)
}
