namespace Reverie.Worlds;

/// <summary>The everyday words that all skills share, so that what one teaches helps the others.</summary>
internal static class Words
{
    public static readonly string[] Animals =
    [
        "fox", "rabbit", "bear", "mouse", "owl", "frog", "duck", "cat", "dog", "hedgehog", "squirrel", "badger", "otter", "beaver", "deer", "wolf",
        "turtle", "snail", "crow", "goose", "hen", "pig", "goat", "sheep", "horse", "donkey", "cow", "penguin", "bee", "lion",
    ];

    public static readonly string[] Colours = ["red", "blue", "green", "yellow", "white", "black", "brown", "purple", "orange", "pink", "grey", "golden"];

    public static readonly string[] Foods =
    [
        "bread", "cake", "soup", "honey", "cheese", "rice", "apples", "berries", "nuts", "carrots", "plums", "pears", "pancakes", "cookies", "grapes", "potatoes",
    ];

    public static readonly string[] Things =
    [
        "ball", "kite", "hat", "book", "lamp", "boat", "bell", "drum", "cup", "key", "ring", "scarf", "coat", "basket", "blanket", "button", "map",
        "flute", "whistle", "mirror", "pencil", "box", "bag", "clock", "candle", "doll", "wagon", "umbrella", "spoon", "ladder",
    ];

    public static readonly string[] Plants = ["tree", "flower", "grass", "bush", "rose", "oak", "leaf", "seed"];

    public static readonly string[] Places = ["forest", "river", "sea", "hill", "village", "meadow", "lake", "garden", "farm", "valley", "cave", "bridge", "beach", "town"];

    public static readonly string[] Weather = ["sun", "rain", "snow", "wind", "storm", "cloud", "fog", "star", "moon", "sky"];

    public static readonly string[] Body = ["hand", "foot", "nose", "ear", "eye", "head", "tail", "wing"];

    /// <summary>What kind of thing the words are, for questions such as "Name three animals."</summary>
    public static readonly (string One, string Many, string[] Members)[] Categories =
    [
        ("animal", "animals", Animals), ("colour", "colours", Colours), ("food", "foods", Foods), ("thing", "things", Things), ("plant", "plants", Plants), ("place", "places", Places),
    ];

    public static readonly (string Word, string Opposite)[] Opposites =
    [
        ("big", "small"), ("hot", "cold"), ("tall", "short"), ("fast", "slow"), ("happy", "sad"), ("day", "night"), ("up", "down"), ("old", "new"), ("wet", "dry"),
        ("hard", "soft"), ("open", "closed"), ("full", "empty"), ("good", "bad"), ("loud", "quiet"), ("light", "dark"), ("left", "right"), ("near", "far"),
        ("early", "late"), ("yes", "no"), ("in", "out"), ("brave", "afraid"), ("rich", "poor"), ("strong", "weak"), ("clean", "dirty"),
    ];

    public static readonly (string One, string Many)[] Plurals =
    [
        ("cat", "cats"), ("dog", "dogs"), ("fox", "foxes"), ("box", "boxes"), ("mouse", "mice"), ("goose", "geese"), ("leaf", "leaves"), ("wolf", "wolves"), ("foot", "feet"),
        ("child", "children"), ("berry", "berries"), ("story", "stories"), ("bus", "buses"), ("hat", "hats"), ("key", "keys"), ("boat", "boats"), ("bear", "bears"),
        ("star", "stars"), ("tree", "trees"), ("book", "books"), ("friend", "friends"), ("house", "houses"), ("lady", "ladies"), ("dish", "dishes"),
    ];

    public static readonly string[] Numbers = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    /// <summary>The words whose spelling is taught.</summary>
    public static readonly string[] Spelled =
    [
        .. Animals, .. Colours, .. Foods, .. Things, .. Plants, .. Places, .. Weather, .. Body, "friend", "house", "happy", "story", "water", "small", "brave", "letter",
        "mother", "morning", "school", "window", "table", "music", "winter", "summer", "castle", "doctor",
    ];

    /// <summary>Words whose spelling no document shows.</summary>
    public static readonly string[] NeverSpelled =
    [
        "quiet", "strong", "help", "afraid", "early", "cold", "child", "night", "learn", "warm", "sorry", "secret", "shiny", "clean", "empty", "sing", "swim", "dance", "smile", "thank",
    ];
}
