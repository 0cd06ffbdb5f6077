namespace Reverie.Worlds;

/// <summary>
/// What people tell: of themselves, of their family and belongings, and of persons, towns, creatures and plants as the encyclopedia knows them.
/// Reading (<see cref="FactReader"/>), studying and examining facts all rest on this one list.
/// </summary>
public static class Relations
{
    /// <summary>Words for members of one's family and others one calls one's own.</summary>
    internal static readonly string[] Relatives =
        ["sister", "brother", "mother", "father", "aunt", "uncle", "cousin", "grandmother", "grandfather", "neighbour", "teacher", "friend", "boss", "wife", "husband", "son", "daughter"];

    /// <summary>Words for what one owns.</summary>
    internal static readonly string[] Possessions =
        ["dog", "cat", "horse", "hamster", "rabbit", "parrot", "goldfish", "pony", "boat", "car", "bike", "house", "garden", "hat", "coat", "bag", "kite", "tent", "lamp", "chair"];

    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private const string NotTold = "I don't know. You have not told me.";

    /// <summary>All relations.</summary>
    public static IReadOnlyList<Relation> All { get; } =
        [.. Own().Concat(EncyclopediaWorld.Kinds.Where(k => k.Name != "animal").SelectMany(k => k.Attributes.Select(a => Of(k, a)))).Select(AskedInOtherWords.Extend)];

    private static readonly Dictionary<string, Relation> ByName = All.ToDictionary(r => r.Name);

    /// <summary>The relation of a name; null where there is none.</summary>
    public static Relation? Find(string name) => ByName.GetValueOrDefault(name);

    private static IEnumerable<Relation> Own()
    {
        yield return Self("name", [], ["My name is {v}.", "You can call me {v}.", "Call me {v}.", "I am called {v}."], ["Hello there, my name is {v}.", "People call me {v}."], "Your name is {v}.",
            ["What is my name?", "What's my name?", "Do you know my name?", "Do you remember my name?", "Tell me my name.", "What am I called?", "Tell me what my name is.", "Which name is mine?"],
            ["Can you tell me my name?", "Do you still know my name?", "Which name do I have?"],
            ["Who is called {v}?", "Who is {v}?"], ["Whose name is {v}?"]) with
        { HasNames = true, Unknown = "I don't know your name yet. What is your name?" };
        yield return Self("town", EncyclopediaWorld.Towns, ["I live in {v}.", "My home is in {v}.", "I am from {v}."], ["The town that I live in is {v}."], "You live in {v}.",
            ["Where do I live?", "In which town do I live?", "What town am I from?", "Where is my home?", "Do you know where I live?", "Tell me where I live.", "Which town is my home?"], ["Which town do I live in?", "Can you tell me where I live?"],
            ["Who lives in {v}?", "Who is from {v}?"], ["Whose home is in {v}?"]) with
        { HasNames = true };
        yield return Self("job", Values("job"), ["I am {av}.", "I work as {av}.", "My job is {v}."], ["By trade I am {av}."], "You are {av}.",
            ["What is my job?", "What do I do?", "What work do I do?", "What kind of job do I have?", "Do you know my job?", "Tell me what my job is.", "Which work is mine?"], ["Which job do I have?", "Can you tell me what my job is?"],
            ["Who is {av}?", "Who works as {av}?"], ["Which person is {av}?"]);
        yield return Self("instrument", Values("instrument"), ["I play the {v}.", "My instrument is the {v}."], ["In the evening I play the {v}."], "You play the {v}.",
            ["What instrument do I play?", "What do I play?", "What music do I make?", "Do you know my instrument?", "Tell me what I play.", "Which instrument is mine?"], ["Which instrument do I play?", "Can you tell me what I play?"],
            ["Who plays the {v}?", "Who makes music with the {v}?"], ["Which person plays the {v}?"]);
        yield return Self("birthday", Months, ["My birthday is in {v}.", "I was born in {v}."], ["I have my birthday in {v}."], "Your birthday is in {v}.",
            ["When is my birthday?", "When was I born?", "In which month is my birthday?", "Do you know my birthday?", "Tell me when my birthday is.", "Which month was I born in?"], ["Which month is my birthday in?", "Can you tell me when my birthday is?"],
            ["Who was born in {v}?", "Whose birthday is in {v}?"], ["Who has a birthday in {v}?"]) with
        { HasNames = true };
        foreach ((string thing, string[] values) in new[] { ("colour", Words.Colours), ("animal", Words.Animals), ("food", Words.Foods) })
        {
            string the = thing == "animal" ? "the " : "";
            yield return Self("favourite " + thing, values, [$"My favourite {thing} is {the}{{v}}.", $"My favourite {thing}? It is {the}{{v}}.", $"I like {the}{{v}} best."], [$"Of all things I like {the}{{v}} best.", $"You know, my favourite {thing} is {the}{{v}}."],
                $"Your favourite {thing} is {the}{{v}}.",
                [$"What is my favourite {thing}?", $"Do you remember my favourite {thing}?", $"Which {thing} do I like best?", $"Do you know my favourite {thing}?", $"Tell me what my favourite {thing} is.", $"Which {thing} is my favourite?"],
                [$"Can you tell me my favourite {thing}?", $"Do you still know my favourite {thing}?"],
                [$"Whose favourite {thing} is {the}{{v}}?", $"Who likes {the}{{v}} best?"], [$"Who has {the}{{v}} as a favourite?"]);
        }

        yield return new Relation
        {
            Name = "belonging/name",
            Kind = SubjectKind.Belonging,
            Values = [],
            HasNames = true,
            Answer = "{e} is called {v}.",
            Statements = ["{e} is called {v}.", "{e} has the name {v}.", "I call {e} {v}.", "The name of {e} is {v}."],
            HeldOutStatements = ["{e} goes by the name {v}."],
            Questions = ["What is {e} called?", "What is the name of {e}?", "Tell me the name of {e}.", "Do you know what {e} is called?", "Tell me what {e} is called.", "Which name did I give {e}?"],
            HeldOutQuestions = ["Can you say the name of {e}?", "Which name does {e} have?"],
            Reversed = ["Who is {v}?", "Who is called {v}?", "What is called {v}?"],
            HeldOutReversed = ["Whose name is {v}?"],
            Unknown = "I don't know. You have not told me about {e}.",
        };
        yield return new Relation
        {
            Name = "belonging/colour",
            Kind = SubjectKind.Belonging,
            Values = Words.Colours,
            Answer = "{e} is {v}.",
            Statements = ["{e} is {v}.", "The colour of {e} is {v}.", "I have painted {e} {v}."],
            HeldOutStatements = ["If you see {e}, you see something {v}."],
            Questions = ["What colour is {e}?", "Which colour is {e}?", "{e} has which colour?", "Which colour does {e} have?"],
            HeldOutQuestions = ["What is the colour of {e}, please?", "Can you tell me what colour {e} is?"],
            Reversed = ["What is {v}?", "Which of my things is {v}?"],
            HeldOutReversed = ["What do I have that is {v}?"],
            Unknown = "I don't know. You have not told me about {e}.",
        };
    }

    private static string[] Values(string attribute) => EncyclopediaWorld.Kinds.First(k => k.Name == "person").Attributes.First(a => a.Name == attribute).Values;

    private static Relation Self(string name, IReadOnlyList<string> values, string[] statements, string[] heldOutStatements, string answer, string[] questions, string[] heldOut, string[] reversed, string[] heldOutReversed) => new()
    {
        Name = "self/" + name,
        Kind = SubjectKind.Self,
        Values = values,
        Answer = answer,
        Statements = statements,
        HeldOutStatements = heldOutStatements,
        Questions = questions,
        HeldOutQuestions = heldOut,
        Reversed = reversed,
        HeldOutReversed = heldOutReversed,
        Unknown = NotTold,
    };

    private static Relation Of(EntityKind kind, EntityAttribute attribute)
    {
        (string[] reversed, string[] heldOut) = Backwards($"{kind.Name}/{attribute.Name}");
        return new Relation
        {
            Name = $"{kind.Name}/{attribute.Name}",
            Kind = Enum.Parse<SubjectKind>(kind.Name, ignoreCase: true),
            Values = attribute.Values,
            HasNames = attribute.Name is "mayor" or "town",
            Answer = attribute.Answer,
            Statements = [attribute.Answer, .. attribute.Statements[..^1]],
            HeldOutStatements = attribute.Statements[^1..],
            Questions = [.. attribute.Questions, .. Encyclopedia.Frames.Train.Select(frame => frame.Replace("{c}", attribute.Asked))],
            HeldOutQuestions = [.. attribute.HeldOutQuestions, .. Encyclopedia.Frames.HeldOut.Select(frame => frame.Replace("{c}", attribute.Asked))],
            Reversed = reversed,
            HeldOutReversed = heldOut,
            Unknown = "I don't know. Nobody has told me about {e}.",
        };
    }

    private static (string[] Reversed, string[] HeldOut) Backwards(string relation) => relation switch
    {
        "creature/colour" => (["Which creature is {v}?", "What creature has the colour {v}?"], ["Which creature has a {v} colour?"]),
        "creature/food" => (["Which creature eats {v}?", "What creature likes {v}?"], ["Who eats {v}?"]),
        "creature/home" => (["Which creature lives in the {v}?", "What creature can I find in the {v}?"], ["Who lives in the {v}?"]),
        "creature/sound" => (["Which creature {v}?", "What creature {v} in the morning?"], ["Who {v}?"]),
        "town/product" => (["Which town makes {v}?", "Where can I buy {v}?"], ["In which town are {v} made?"]),
        "town/weather" => (["Which town is {v}?", "Where is the weather {v}?"], ["In which town is it {v}?"]),
        "town/place" => (["Which town is near the {v}?", "What town do I find near the {v}?"], ["Near the {v} is which town?"]),
        "town/mayor" => (["Which town has {v} as mayor?", "Where is {v} the mayor?"], ["Of which town is {v} the mayor?"]),
        "person/job" => (["Who is {av}?", "Who works as {av}?"], ["Which person is {av}?"]),
        "person/town" => (["Who lives in {v}?", "Who is from {v}?"], ["Which person lives in {v}?"]),
        "person/pet" => (["Who has a pet {v}?", "Who keeps {av}?"], ["Which person has {av}?"]),
        "person/instrument" => (["Who plays the {v}?", "Who makes music with the {v}?"], ["Which person plays the {v}?"]),
        "plant/flower" => (["Which plant has {v} flowers?", "What plant is {v} when it is in bloom?"], ["The flowers of which plant are {v}?"]),
        "plant/ground" => (["Which plant grows in {v}?", "What plant can I find in {v}?"], ["What grows in {v}?"]),
        "plant/cure" => (["Which plant helps against {v}?", "What plant do people take against {v}?"], ["What helps against {v}?"]),
        "plant/taste" => (["Which plant tastes {v}?", "What plant has a {v} taste?"], ["What tastes {v}?"]),
        _ => throw new ArgumentOutOfRangeException(nameof(relation), relation, "Nobody has said how to ask backwards."),
    };
}
