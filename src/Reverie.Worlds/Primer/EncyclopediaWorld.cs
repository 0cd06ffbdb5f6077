using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>One thing to know about every entity of a kind.</summary>
/// <param name="Name">The attribute's name.</param>
/// <param name="Values">The values it can have.</param>
/// <param name="Answer">How the fact is stated; slots {e} and {v}.</param>
/// <param name="Statements">Further ways to state it: the last of them is kept out of training.</param>
/// <param name="Asked">Clause that asks for it: "what colour the lumo is".</param>
/// <param name="Questions">Questions for it: those that training shows.</param>
/// <param name="HeldOutQuestions">Questions kept for examinations.</param>
internal sealed record EntityAttribute(string Name, string[] Values, string Answer, string[] Statements, string Asked, string[] Questions, string[] HeldOutQuestions);

/// <summary>A kind of entity with the attributes that all of its entities have.</summary>
/// <param name="Name">The kind: "creature", "town", ...</param>
/// <param name="Article">"the " where names of the kind take an article, else empty.</param>
/// <param name="Entities">The known entities.</param>
/// <param name="Attributes">What is known about each.</param>
/// <param name="Table">Values by entity, for kinds of the real world; null for kinds whose values are drawn.</param>
internal sealed record EntityKind(string Name, string Article, string[] Entities, EntityAttribute[] Attributes, string[][]? Table = null);

/// <summary>One fact.</summary>
internal sealed record EntityFact(EntityKind Kind, EntityAttribute Attribute, string Entity, string Value)
{
    /// <summary>The entity as it stands in a sentence.</summary>
    public string Called => Kind.Article + Entity;

    /// <summary>The fact in its plainest wording.</summary>
    public string Sentence => Composition.Fill(Attribute.Answer, ("e", Called), ("v", Value), ("av", Composition.WithArticle(Value)));
}

/// <summary>
/// The little world of the encyclopedia: creatures, towns, people and plants that exist nowhere else, and the animals of the farm.
/// Which value belongs to which entity is drawn once, from a constant: it is the same world for every model.
/// </summary>
internal static class EncyclopediaWorld
{
    private const ulong WorldSeed = 7;

    private static readonly string[] People = ["Barnaby", "Matilda", "Cornelius", "Ottilie", "Gideon", "Philippa", "Rupert", "Winifred", "Percival", "Josephine"];
    internal static readonly string[] Towns = ["Vell", "Oru", "Brindle", "Sarn", "Tamber", "Loxley", "Quill", "Harrow", "Mistral", "Pemby"];
    private static readonly string[] Creatures = ["lumo", "dravik", "pippet", "sorrel", "wuffle", "tarn", "nibbet", "zephyr", "murk", "ollo"];
    private static readonly string[] Plants = ["starbell", "moonfern", "sugarleaf", "thornip", "glowmoss", "windrose", "mistberry", "dewcap", "firelily", "snowroot"];

    /// <summary>All kinds.</summary>
    public static readonly EntityKind[] Kinds =
    [
        new("creature", "the ", Creatures,
        [
            new("colour", ["red", "blue", "green", "yellow", "white", "black", "brown", "purple", "orange", "pink"], "{e} is {v}.",
                ["The colour of {e} is {v}.", "If you see {e}, you see something {v}."], "what colour {e} is",
                ["What colour is {e}?", "Which colour is {e}?", "{e} has which colour?", "Which colour does {e} have?"], ["What is the colour of {e}, please?"]),
            new("food", ["berries", "fish", "nuts", "honey", "grass", "leaves", "mushrooms", "worms", "seeds", "apples"], "{e} eats {v}.",
                ["The food of {e} is {v}.", "Every day {e} looks for {v} to eat."], "what {e} eats",
                ["What does {e} eat?", "What food does {e} like?", "Which food does {e} like best?", "What do you give {e} to eat?", "{e} eats what?"], ["Which food does {e} eat?"]),
            new("home", ["forest", "river", "cave", "sea", "meadow", "mountains", "desert", "swamp", "lake", "garden"], "{e} lives in the {v}.",
                ["The home of {e} is the {v}.", "In the {v} you can find {e}."], "where {e} lives",
                ["Where does {e} live?", "Where can I find {e}?", "In which place does {e} live?", "Where is the home of {e}?"], ["Which place does {e} live in?"]),
            new("sound", ["hums", "whistles", "clicks", "purrs", "sings", "growls", "squeaks", "barks", "chirps", "hoots"], "{e} {v}.",
                ["When it is happy, {e} {v}.", "In the morning {e} {v} loudly."], "what sound {e} makes",
                ["What sound does {e} make?", "How does {e} sound?", "What noise does {e} make?", "What do I hear when {e} is happy?"], ["Which sound does {e} make?"]),
        ]),
        new("town", "", Towns,
        [
            new("product", ["lamps", "boats", "bread", "hats", "bells", "cheese", "clocks", "shoes", "kites", "drums"], "{e} makes {v}.",
                ["{e} is famous for its {v}.", "People go to {e} to buy {v}."], "what {e} makes",
                ["What does {e} make?", "What is {e} famous for?", "What do people make in {e}?", "What can I buy in {e}?", "Which things are made in {e}?"], ["What is made in {e}?"]),
            new("weather", ["sunny", "rainy", "windy", "snowy", "foggy", "cold", "warm", "stormy", "cloudy", "dry"], "The weather in {e} is {v}.",
                ["It is mostly {v} in {e}.", "When you go to {e}, it will be {v}."], "how the weather in {e} is",
                ["What is the weather in {e}?", "How is the weather in {e}?", "What is the weather like in {e}?", "What kind of weather does {e} have?", "How is it outside in {e}?"], ["Which weather does {e} have?"]),
            new("place", ["hill", "lake", "island", "river", "forest", "coast", "plain", "valley", "bridge", "cliff"], "{e} is near the {v}.",
                ["You find {e} near the {v}.", "Go to the {v} and you see {e}."], "where {e} is",
                ["Where is {e}?", "What is {e} near?", "Near which place is {e}?", "Where can I find {e}?", "In what place is {e}?"], ["Which place is {e} near?"]),
            new("mayor", People, "The mayor of {e} is {v}.",
                ["{v} is the mayor of {e}.", "In {e} the mayor is called {v}."], "who the mayor of {e} is",
                ["Who is the mayor of {e}?", "What is the name of the mayor of {e}?", "{e} has which mayor?", "In {e}, what is the name of the mayor?", "Which person is the mayor of {e}?"], ["In {e}, who is the mayor?"]),
        ]),
        new("person", "", People,
        [
            new("job", ["baker", "doctor", "teacher", "farmer", "painter", "sailor", "singer", "builder", "writer", "cook"], "{e} is {av}.",
                ["The job of {e} is {v}.", "{e} works as {av}."], "what job {e} has",
                ["What is the job of {e}?", "What does {e} do?", "What work does {e} do?", "What kind of job does {e} have?", "What is {e} by trade?"], ["Which job does {e} have?"]),
            new("town", Towns, "{e} lives in {v}.",
                ["The home of {e} is in {v}.", "In {v} everybody knows {e}."], "in which town {e} lives",
                ["Where does {e} live?", "In which town does {e} live?", "What town is {e} from?", "Where is the home of {e}?"], ["Which town does {e} live in?"]),
            new("pet", Creatures, "{e} has a pet {v}.",
                ["The pet of {e} is {av}.", "{av} sleeps in the house of {e}."], "what pet {e} has",
                ["What pet does {e} have?", "Which animal lives with {e}?", "What kind of pet does {e} keep?", "{e} has which pet?"], ["Which pet does {e} have?"]),
            new("instrument", ["flute", "drum", "violin", "piano", "guitar", "harp", "horn", "trumpet", "whistle", "banjo"], "{e} plays the {v}.",
                ["The instrument of {e} is the {v}.", "In the evening you hear {e} on the {v}."], "what instrument {e} plays",
                ["What instrument does {e} play?", "What does {e} play?", "What music does {e} make?", "On what does {e} play?"], ["Which instrument does {e} play?"]),
        ]),
        new("plant", "the ", Plants,
        [
            new("flower", ["red", "blue", "green", "yellow", "white", "black", "brown", "purple", "orange", "pink"], "{e} has {v} flowers.",
                ["The flowers of {e} are {v}.", "When {e} is in bloom, all is {v}."], "what colour the flowers of {e} are",
                ["What colour are the flowers of {e}?", "What flowers does {e} have?", "{e} has which flowers?", "Which colour are the flowers of {e}?"], ["Which flowers does {e} have?"]),
            new("ground", ["sand", "snow", "water", "stone", "mud", "clay", "moss", "ice", "shade", "salt"], "{e} grows in {v}.",
                ["You find {e} growing in {v}.", "To plant {e} you need {v}."], "where {e} grows",
                ["Where does {e} grow?", "In what does {e} grow?", "On what ground does {e} grow?", "What does {e} grow in?", "What do I need to plant {e}?"], ["In which ground does {e} grow?"]),
            new("cure", ["coughs", "hiccups", "bad dreams", "fever", "headaches", "sadness", "fear", "colds", "itching", "anger"], "{e} helps against {v}.",
                ["People take {e} against {v}.", "Tea from {e} is good against {v}."], "what {e} helps against",
                ["What does {e} help against?", "What is {e} good for?", "What is the use of {e}?", "Against what do people take {e}?", "Against what is {e} good?"], ["Against what does {e} help?"]),
            new("taste", ["sweet", "sour", "bitter", "salty", "spicy", "mild", "fresh", "smoky", "creamy", "nutty"], "{e} tastes {v}.",
                ["The taste of {e} is {v}.", "Put {e} in your mouth and it is {v}."], "how {e} tastes",
                ["How does {e} taste?", "What is the taste of {e}?", "What does {e} taste like?", "What kind of taste does {e} have?"], ["Which taste does {e} have?"]),
        ]),
        new("animal", "the ", ["dog", "cat", "cow", "sheep", "hen", "duck", "horse", "pig", "owl", "frog", "bee", "wolf"],
        [
            new("voice", ["woof", "meow", "moo", "baa", "cluck", "quack", "neigh", "oink", "hoot", "croak", "buzz", "howl"], "{e} says {v}.",
                ["The voice of {e} goes {v}.", "Listen to {e}: {v}!"], "what {e} says",
                ["What does {e} say?", "What sound does {e} make?", "How does {e} talk?", "What noise does {e} make?"], ["Which sound does {e} make?"]),
            new("baby", ["puppy", "kitten", "calf", "lamb", "chick", "duckling", "foal", "piglet", "owlet", "tadpole", "larva", "pup"], "The baby of {e} is {av}.",
                ["{av} is the baby of {e}.", "{av} will be like {e} one day."], "what the baby of {e} is called",
                ["What is the baby of {e}?", "What is the baby of {e} called?", "What do you call the baby of {e}?", "The baby of {e} has which name?"], ["Which name does the baby of {e} have?"]),
            new("home", ["kennel", "house", "barn", "field", "coop", "pond", "stable", "sty", "tree", "swamp", "hive", "forest"], "The home of {e} is the {v}.",
                ["{e} sleeps in the {v}.", "Look in the {v} and you find {e}."], "where {e} lives",
                ["Where does {e} live?", "Where is the home of {e}?", "Where does {e} sleep?", "In which place does {e} live?", "Where can I find {e}?"], ["Which place does {e} live in?"]),
        ],
        [
            ["woof", "meow", "moo", "baa", "cluck", "quack", "neigh", "oink", "hoot", "croak", "buzz", "howl"],
            ["puppy", "kitten", "calf", "lamb", "chick", "duckling", "foal", "piglet", "owlet", "tadpole", "larva", "pup"],
            ["kennel", "house", "barn", "field", "coop", "pond", "stable", "sty", "tree", "swamp", "hive", "forest"],
        ]),
    ];

    /// <summary>All facts of the world.</summary>
    public static readonly IReadOnlyList<EntityFact> Facts = Draw();

    /// <summary>The fact about an entity.</summary>
    public static EntityFact Of(string entity, string attribute) => Facts.First(fact => fact.Entity == entity && fact.Attribute.Name == attribute);

    private static List<EntityFact> Draw()
    {
        var random = new RandomStream(WorldSeed, "primer/encyclopedia/world");
        List<EntityFact> facts = [];
        foreach (EntityKind kind in Kinds)
        {
            for (int a = 0; a < kind.Attributes.Length; a++)
            {
                string[] values = [.. kind.Table?[a] ?? kind.Attributes[a].Values];
                if (kind.Table is null) random.Shuffle(values.AsSpan());
                for (int e = 0; e < kind.Entities.Length; e++) facts.Add(new(kind, kind.Attributes[a], kind.Entities[e], values[e]));
            }
        }

        // A town is led by the one of these people who lives there.
        Dictionary<string, string> lives = facts.Where(fact => fact.Kind.Name == "person" && fact.Attribute.Name == "town").ToDictionary(fact => fact.Value, fact => fact.Entity);
        return [.. facts.Select(fact => fact.Attribute.Name == "mayor" ? fact with { Value = lives[fact.Entity] } : fact)];
    }
}
