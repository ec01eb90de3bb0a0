"""gensim's Word2Vec beside ours: one JSON request a line, one JSON reply with the milliseconds of the processor the call took."""
import json, sys, time
import gensim, numpy as np
from gensim.models import Word2Vec

sentences = None
for line in sys.stdin:
    request = json.loads(line)
    reply = {}
    start = time.process_time()
    if request["op"] == "load":
        with open(request["corpus"], encoding="utf-8") as file:
            sentences = [text.split() for text in file]
        reply = {"version": gensim.__version__}
    else:
        model = Word2Vec(
            vector_size=100,
            window=5,
            min_count=5,
            negative=5,
            sample=1e-3,
            sg=1 if request["algorithm"] == "skip-gram" else 0,
            workers=request["threads"],
            seed=request["seed"],
        )
        model.build_vocab(sentences)
        start = time.process_time()
        model.train(sentences, total_examples=model.corpus_count, epochs=request["epochs"])
        reply = {"ms": (time.process_time() - start) * 1000}
        model.wv.save_word2vec_format(request["vectors"], binary=True)
    reply.setdefault("ms", (time.process_time() - start) * 1000)
    print(json.dumps(reply), flush=True)
