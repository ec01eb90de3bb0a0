"""SemHash's deduplication with the vectors given: one JSON request a line, one reply with the milliseconds it took."""
import json, sys, time
from importlib.metadata import version

import numpy as np
from semhash import SemHash


class Given:
    """SemHash asks for an encoder; with vectors given it has nothing to do."""

    def encode(self, texts, **options):
        raise RuntimeError("the vectors are given")


for line in sys.stdin:
    request = json.loads(line)
    vectors = np.fromfile(request["rows"], dtype=np.float32).reshape(-1, request["columns"])
    records = [f"record {i}" for i in range(len(vectors))]
    start = time.perf_counter()
    index = SemHash.from_embeddings(vectors, records, Given())
    result = index.self_deduplicate(threshold=request["threshold"])
    ms = (time.perf_counter() - start) * 1000
    print(json.dumps({"ms": ms, "version": version("semhash"), "dropped": len(result.filtered)}), flush=True)
