namespace Reverie.Worlds;

/// <summary>
/// Further ways to ask for what was told, which training and study show beside the plainest ones. Who has met few wordings of a question
/// answers the others with "I don't know": the words of a question are most of what a small memory goes by.
/// </summary>
internal static class AskedInOtherWords
{
    private static readonly Dictionary<string, (string[] Forth, string[] Back)> Wordings = new()
    {
        ["self/name"] = (
            ["How am I called?", "My name is what?", "What do people call me?", "I told you my name. What is it?"],
            ["What is {v} the name of?", "Do you know who {v} is?", "Who goes by the name of {v}?", "{v} is who?", "Who bears the name {v}?"]),
        ["self/town"] = (
            ["Where am I at home?", "What is the name of my town?", "I live where?", "Where do I come from?", "Where is my house?"],
            ["Who has a home in {v}?", "Whose town is {v}?", "Who comes from {v}?", "Do you know who lives in {v}?", "{v} is the home of whom?", "Who calls {v} home?"]),
        ["self/job"] = (
            ["What is my work?", "What do I work as?", "My job is what?", "As what do I work?", "How do I spend my working day?"],
            ["Who has the job of {v}?", "Whose job is {v}?", "Whose work is that of {av}?", "Who earns a living as {av}?", "Do you know who is {av}?"]),
        ["self/instrument"] = (
            ["What can I play?", "I play what?", "What is my instrument?", "What did I learn to play?", "With what do I make music?"],
            ["Who can play the {v}?", "Whose instrument is the {v}?", "Who learned the {v}?", "The {v} is played by whom?", "Do you know who plays the {v}?"]),
        ["self/birthday"] = (
            ["What month was I born in?", "When do I turn a year older?", "My birthday is when?", "When do we celebrate my birthday?", "What is the month of my birthday?", "When did I come into the world?"],
            ["Who turns a year older in {v}?", "Who came into the world in {v}?", "{v} is the month of whose birthday?", "Who celebrates in {v}?", "Do you know who was born in {v}?", "Whose month is {v}?"]),
        ["self/favourite colour"] = Favourite("colour", ""),
        ["self/favourite animal"] = Favourite("animal", "the "),
        ["self/favourite food"] = Favourite("food", ""),
        ["belonging/name"] = (
            ["How is {e} called?", "{e} is called what?", "What did I call {e}?", "Say the name of {e}.", "How did I name {e}?", "What do I call {e}?"],
            ["{v} is the name of what?", "To what did I give the name {v}?", "Which of mine is called {v}?", "Who answers to {v}?", "What did I name {v}?", "Do you know who {v} is?", "Who or what is {v}?", "Tell me who {v} is."]),
        ["belonging/colour"] = (
            ["How is {e} painted?", "Do you know the colour of {e}?", "Tell me what colour {e} is.", "In which colour is {e}?", "{e} is what colour?", "Say which colour {e} has."],
            ["What did I paint {v}?", "Which thing of mine is {v}?", "Name something {v} that is mine.", "What is painted {v}?", "What have I got in {v}?", "Something of mine is {v}. What is it?"]),
        ["creature/colour"] = (
            ["What does {e} look like?", "{e} is what colour?", "In which colour is {e}?", "What colour has {e}?"],
            ["What creature is {v}?", "{v} is the colour of which creature?", "Do you know which creature is {v}?", "Name the {v} creature.", "Which animal is {v}?", "What animal has {v} fur?"]),
        ["creature/food"] = (
            ["What is the food of {e}?", "What does {e} look for to eat?", "What does {e} live on?", "What do I feed {e}?", "{e} likes to eat what?"],
            ["What creature eats {v}?", "Which animal likes {v}?", "{v}: the food of which creature?", "What animal lives on {v}?", "To which creature do I give {v}?", "Who is fond of {v}?"]),
        ["creature/home"] = (
            ["What is the home of {e}?", "Where is {e} at home?", "{e} lives where?", "Where do I look for {e}?", "In what place can I see {e}?", "Where does {e} sleep?"],
            ["What creature lives in the {v}?", "Which animal is at home in the {v}?", "The {v} is the home of which creature?", "What animal do I meet in the {v}?", "Whose home is the {v}?", "Which creature can I see in the {v}?"]),
        ["creature/sound"] = (
            ["{e} makes what sound?", "What does {e} do in the morning?", "Which noise comes from {e}?", "What is the sound of {e}?", "What can I hear from {e}?"],
            ["What animal {v}?", "Which animal is it that {v}?", "Something {v}. Which creature is it?", "Do you know which creature {v}?", "Which creature {v} when it is happy?"]),
        ["town/product"] = (
            ["What comes from {e}?", "What do they make in {e}?", "What is {e} known for?", "{e} makes what?", "For what do people go to {e}?", "What is the trade of {e}?"],
            ["What town makes {v}?", "Which town is famous for {v}?", "Which town sells {v}?", "Where do people make {v}?", "To which town do I go for {v}?", "What town is known for {v}?"]),
        ["town/weather"] = (
            ["What weather is there in {e}?", "In {e}, how is the weather?", "What weather will I have in {e}?", "Which kind of weather is there in {e}?", "{e} has what weather?"],
            ["What town is {v}?", "Which town has {v} weather?", "Where is it {v}?", "Where will it be {v}?", "To which town do I go if I like it {v}?", "The weather is {v} in which town?"]),
        ["town/place"] = (
            ["What is close to {e}?", "{e} is near what?", "What lies next to {e}?", "What can I see near {e}?", "Where do I find {e}?"],
            ["What town is near the {v}?", "Which town is by the {v}?", "Which town lies close to the {v}?", "What is near the {v}?", "By the {v} there is a town. Which?"]),
        ["town/mayor"] = (
            ["What is the mayor of {e} called?", "Who is mayor in {e}?", "Who governs {e}?", "{e} is led by whom?", "Do you know the mayor of {e}?", "Who is at the head of {e}?"],
            ["What town has {v} as mayor?", "{v} is the mayor of what town?", "Which town does {v} lead?", "Where does {v} govern?", "What is {v} the mayor of?"]),
        ["person/job"] = (
            ["What is the work of {e}?", "{e} works as what?", "What is the trade of {e}?", "As what does {e} work?", "What does {e} do all day?", "Do you know the job of {e}?"],
            ["Who has the job of {v}?", "Who is {av} by trade?", "Whose work is that of {av}?", "Do you know who is {av}?", "Who does the work of {av}?", "Who is the {v}?"]),
        ["person/town"] = (
            ["{e} lives where?", "Where is {e} at home?", "Where does {e} come from?", "What is the town of {e}?", "In what town do I find {e}?"],
            ["Who comes from {v}?", "Who has a home in {v}?", "Whose home is {v}?", "Who is at home in {v}?", "Do you know who lives in {v}?", "Whom do I find in {v}?", "Name somebody from {v}."]),
        ["person/pet"] = (
            ["What is the pet of {e}?", "{e} keeps what pet?", "What animal does {e} have?", "Which creature belongs to {e}?", "What sleeps in the house of {e}?", "Do you know the pet of {e}?"],
            ["Who has {av}?", "Whose pet is the {v}?", "To whom does the {v} belong?", "Who keeps a pet {v}?", "Who lives with {av}?", "In whose house sleeps {av}?"]),
        ["person/instrument"] = (
            ["What is the instrument of {e}?", "{e} plays what?", "On which instrument does {e} play?", "What can {e} play?", "What did {e} learn to play?", "With what does {e} make music?"],
            ["Who can play the {v}?", "Whose instrument is the {v}?", "Who learned the {v}?", "The {v} is played by whom?", "Do you know who plays the {v}?", "Whom do I hear on the {v}?"]),
        ["plant/flower"] = (
            ["How does {e} bloom?", "What is the colour of the flowers of {e}?", "{e} has flowers of which colour?", "In which colour does {e} bloom?", "What do the flowers of {e} look like?"],
            ["What plant has {v} flowers?", "Which plant is {v} in bloom?", "{v} flowers belong to which plant?", "Which plant blooms in {v}?", "On which plant do I see {v} flowers?"]),
        ["plant/ground"] = (
            ["What ground does {e} need?", "{e} grows in what?", "What is the ground of {e}?", "In what can I find {e}?", "What does {e} like to grow in?"],
            ["What plant grows in {v}?", "Which plant needs {v}?", "Which plant do I find in {v}?", "What can I plant in {v}?", "Which plant likes {v}?"]),
        ["plant/cure"] = (
            ["What is {e} a cure for?", "{e} is good for what?", "Why do people take {e}?", "What goes away with {e}?", "{e} helps against what?"],
            ["What plant helps against {v}?", "Which plant is good against {v}?", "What can I take against {v}?", "What is the cure for {v}?", "I have {v}. Which plant do I need?", "Which plant do people take against {v}?"]),
        ["plant/taste"] = (
            ["{e} tastes how?", "What taste has {e}?", "How is {e} in your mouth?", "What do I taste in {e}?"],
            ["What plant tastes {v}?", "Which plant is {v}?", "Which plant has a {v} taste?", "Name a plant that tastes {v}.", "The taste of which plant is {v}?", "I want something {v}. Which plant do I take?"]),
    };

    /// <summary>A relation that is asked for in these ways, too.</summary>
    public static Relation Extend(Relation relation)
    {
        (string[] forth, string[] back) = Wordings[relation.Name];
        return relation with { Questions = [.. relation.Questions, .. forth], Reversed = [.. relation.Reversed, .. back] };
    }

    private static (string[] Forth, string[] Back) Favourite(string thing, string the) => (
        [$"What {thing} do I like?", $"What {thing} do I like most?", $"My favourite {thing} is what?", $"Name my favourite {thing}.", $"What is the {thing} that I like best?"],
        [$"Who prefers {the}{{v}}?", $"Who loves {the}{{v}}?", $"Whose favourite is {the}{{v}}?", $"Who is fond of {the}{{v}}?", $"To whom is {the}{{v}} the best?"]);
}
