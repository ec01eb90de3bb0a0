"""Reference ids for src/text/tokenizers: run `python -P tokenizers.py` in this folder with PyPI tokenizers 0.23."""
import json
from tokenizers import Tokenizer, models, trainers, pre_tokenizers, normalizers, processors, Regex, AddedToken
import tokenizers
train=["the quick brown fox jumps over the lazy dog","the dog sleeps; the fox doesn't","neighbours you can trust: embed, search, compare","hello world, hello neighbours 2026","čaj, über, naïve café"]*20
tests=["The quick fox doesn't sleep","hello  world\n\ttabs","über-naïve café 2026","unknown ✨ 漢字 signs","<mask> and <mask>x",""," leading and trailing ","dogdogdog","don't we'll","a\u200db"]
cases=[]
def add(name,t): cases.append({'name':name,'json':json.loads(t.to_str()),'ids':[e.ids for e in t.encode_batch(tests,add_special_tokens=False)]})
t=Tokenizer(models.BPE()); t.pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=False)
t.train_from_iterator(train,trainers.BpeTrainer(vocab_size=330,initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),show_progress=False)); add('byte-level BPE',t)
t=Tokenizer(models.BPE(unk_token='<unk>',fuse_unk=True,byte_fallback=True)); t.normalizer=normalizers.Sequence([normalizers.Prepend('▁'),normalizers.Replace(' ','▁')])
t.train_from_iterator(train,trainers.BpeTrainer(vocab_size=340,special_tokens=['<unk>']+[f'<0x{i:02X}>' for i in range(256)],show_progress=False)); add('BPE with byte fallback',t)
t=Tokenizer(models.BPE(unk_token='[UNK]',end_of_word_suffix='</w>')); t.normalizer=normalizers.Sequence([normalizers.NFC(),normalizers.Lowercase()]); t.pre_tokenizer=pre_tokenizers.Split(Regex(r"'s|'t|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"),'removed',invert=True)
t.train_from_iterator(train,trainers.BpeTrainer(vocab_size=120,limit_alphabet=30,end_of_word_suffix='</w>',special_tokens=['[UNK]'],show_progress=False)); add('BPE with word ends',t)
t=Tokenizer(models.BPE(unk_token='[UNK]')); t.normalizer=normalizers.Sequence([normalizers.NFD(),normalizers.StripAccents(),normalizers.Lowercase(),normalizers.Strip()]); t.pre_tokenizer=pre_tokenizers.Sequence([pre_tokenizers.Whitespace(),pre_tokenizers.Digits(individual_digits=True),pre_tokenizers.Punctuation()])
t.train_from_iterator(train,trainers.BpeTrainer(vocab_size=120,special_tokens=['[UNK]'],continuing_subword_prefix='##',show_progress=False)); add('BPE with continuing pieces',t)
t=Tokenizer(models.Unigram()); t.normalizer=normalizers.Sequence([normalizers.NFKC(),normalizers.Replace(Regex(' {2,}'),' ')]); t.pre_tokenizer=pre_tokenizers.Metaspace()
t.train_from_iterator(train,trainers.UnigramTrainer(vocab_size=90,special_tokens=['<unk>'],unk_token='<unk>',show_progress=False)); t.add_special_tokens([AddedToken('<mask>',lstrip=True,normalized=False)]); add('Unigram',t)
json.dump({'made by':f'PyPI tokenizers {tokenizers.__version__}, trained on five sentences','texts':tests,'cases':cases},open('tokenizers.json','w'),ensure_ascii=False)
