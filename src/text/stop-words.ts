/** Words of a language that say how a sentence is built, and nothing about what it is about. */
const lists: Readonly<Record<string, string>> = {
  en: `a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either
    else ever every few for from further get gets got had has hasn't have haven't having he her here hers herself him
    himself his how however i i'd i'll i'm i've if in into is isn't it it's its itself just let like many may me might more most
    much must my myself neither no nor not now of off often on once one only or other ought our ours ourselves out over own
    please same shall she should since so some still such than that that's the their theirs them themselves then there
    these they this those through to too two under until up upon us very via was wasn't we were what what's when where which
    while who whom whose why will with within without won't would wouldn't yet you your yours yourself yourselves`,
  de: `aber alle als also am an auch auf aus bei bin bis bist da damit dann das dass dein deine dem den denn der des dich
    die dies diese dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer für gegen
    hab habe haben hat hatte hatten hier ich ihm ihn ihnen ihr ihre im in ist ja jede jeder jedes kann kein keine können
    man mehr mein meine mich mir mit muss nach nicht noch nun nur ob oder ohne sehr sein seine sich sie sind so über um
    und uns unser unter vom von vor war waren was weil wenn wer werden wie wir wird wo wurde wurden zu zum zur zwischen`,
  fr: `ai au aucun aussi aux avec avoir ce ces cet cette comme comment dans de des donc dont du elle elles en encore est
    et été être eu eux fait il ils je la le les leur leurs lui ma mais me même mes moi mon ne nos notre nous on ont ou où
    par pas plus pour pourquoi qu quand que quel quelle quels qui sa sans se ses si son sont sur ta te tes toi ton tous
    tout toute très tu un une vos votre vous y était`,
  es: `a al algo ante aquí así aunque cada como cómo con cuál cuando cuándo de del desde donde dónde dos e el él ella
    ellas ellos en entre era es esa ese eso esta está estaba están este esto estos fue fueron ha había han hasta hay la
    las le les lo los más me mi mis muy nada ni no nos nosotros o otra otro para pero poco por porque que qué quien quién
    se sea ser si sí sin sobre son su sus también tan te tener tiene todo todos tu tus un una uno unos y ya yo`,
  it: `a ad ai al alla alle anche avere che chi ci come con cosa da dal dalla degli dei del della delle di dove e è ed era
    erano essere fra gli ha hanno ho i il in io la le lei li lo loro lui ma me mi mia mio ne nei nel nella no noi non o
    ogni per perché più quale quando quanto quella quello questa questo se sei si sia sono sta su sua sul sulla suo tra
    tu tutti tutto un una uno voi`,
  pt: `a ao aos aquela aquele as até com como da das de dela dele do dos e é ela elas ele eles em entre era essa esse esta
    está este eu foi foram há isso isto já lhe mais mas me mesmo meu minha muito na não nas nem no nos nós num numa o os
    ou para pela pelo por porque qual quando que quem são se sem ser seu sua só também te tem têm um uma você`,
  nl: `aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een en er ge geen haar
    had heb hebben heeft hem het hier hij hoe hun iets ik in is ja je kan kon kunnen maar me meer men met mij mijn moet na
    naar niet niets nog nu of om omdat ons ook op over te tegen toch toen tot u uit uw van veel voor want waren was wat
    we wel werd wie wij wil worden zal ze zich zij zijn zo zonder zou`,
}

const words: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(lists).map(([language, list]) => [language, new Set(list.split(/\s+/))]),
)

/**
 * The stop words of the language most of these words are of, by which list knows most of them: one of English, German,
 * French, Spanish, Italian, Portuguese and Dutch. Undefined where no list knows any.
 *
 * @param spoken - Lower-case words of one text.
 */
export function stopWordsOf(spoken: readonly string[]): ReadonlySet<string> | undefined {
  let best: ReadonlySet<string> | undefined
  let most = 0
  for (const list of words.values()) {
    let known = 0
    for (const word of spoken) if (list.has(word)) known++
    if (known > most) {
      most = known
      best = list
    }
  }
  return best
}
