using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// The names of visitors, of story heroes and of things nobody has heard of. Visitors' names are many and partly made of
/// syllables, because a model that is to greet a stranger must learn to copy any name, not to know a list.
/// </summary>
internal static class Names
{
    /// <summary>Girls and women in stories: the first half are heroes, the second half helpers.</summary>
    public static readonly string[] She =
    [
        "Lily", "Mia", "Ruby", "Nora", "Poppy", "Daisy", "Luna", "Ivy", "Rosie", "Tilly", "Molly", "Pearl", "Hazel", "Wendy", "Clara", "Bella",
        "Maya", "Zoe", "Greta", "Fern", "Olive", "Penny", "Dora", "Stella", "Heidi", "Kira", "Juno", "Willow", "Nell", "Tess", "Ada", "Flora",
    ];

    /// <summary>Boys and men in stories: the first half are heroes, the second half helpers.</summary>
    public static readonly string[] He =
    [
        "Tom", "Ben", "Max", "Pip", "Oscar", "Finn", "Leo", "Sam", "Toby", "Hugo", "Otto", "Milo", "Rufus", "Jasper", "Felix", "Gus",
        "Theo", "Bruno", "Barney", "Moss", "Rory", "Ned", "Walter", "Boris", "Casper", "Dexter", "Ollie", "Teddy", "Frank", "Henry", "Jack", "Louis",
    ];

    private static readonly string[] Visitors =
    [
        "Anna", "Emma", "Sara", "Julia", "Maria", "Laura", "Sophie", "Eva", "Lena", "Nina", "Alice", "Grace", "Chloe", "Emily", "Lucy", "Hannah",
        "Olivia", "Amelia", "Isla", "Jessica", "Megan", "Rachel", "Rebecca", "Kate", "Jane", "Mary", "Helen", "Susan", "Karen", "Linda", "Nancy",
        "Carol", "Diana", "Fatima", "Aisha", "Leila", "Yasmin", "Priya", "Anita", "Meera", "Yuki", "Hana", "Mei", "Ling", "Ingrid", "Astrid",
        "Freya", "Elena", "Irina", "Olga", "Natasha", "Katya", "Carmen", "Lucia", "Isabel", "Paula", "Rosa", "Teresa", "Camila", "Gabriela",
        "Chiara", "Giulia", "Martina", "Amelie", "Claire", "Camille", "Manon", "Margot", "Agnes", "Vera", "Zara", "Amara", "Abena", "Nia", "Zuri",
        "James", "John", "David", "Michael", "Robert", "William", "Daniel", "Matthew", "Joseph", "Peter", "Paul", "Mark", "Luke", "Simon",
        "Andrew", "Thomas", "George", "Edward", "Charles", "Harry", "Oliver", "Noah", "Liam", "Ethan", "Lucas", "Mason", "Logan", "Jacob",
        "Adam", "Alex", "Chris", "Eric", "Kevin", "Brian", "Steven", "Martin", "Patrick", "Sean", "Ryan", "Kyle", "Omar", "Ali", "Hassan",
        "Yusuf", "Ibrahim", "Karim", "Raj", "Arjun", "Vikram", "Sanjay", "Hiro", "Kenji", "Takashi", "Wei", "Jun", "Lars", "Erik", "Sven",
        "Nils", "Anders", "Ivan", "Dmitri", "Boris", "Pavel", "Jan", "Marek", "Carlos", "Diego", "Juan", "Pedro", "Miguel", "Pablo", "Luis",
        "Marco", "Luca", "Paolo", "Matteo", "Antoine", "Pierre", "Jules", "Emil", "Anton", "Jonas", "Felix", "Kofi", "Kwame", "Tariq", "Tobias",
        "Victor", "Vincent", "Walter", "Gary", "Bob", "Bill", "Joe", "Dan", "Tim", "Jim", "Nick", "Mike", "Steve", "Dave", "Amy", "Sue", "Kim",
    ];

    private static readonly string[] Starts =
    [
        "A", "E", "I", "O", "U", "Ba", "Be", "Bo", "Bri", "Ca", "Cla", "Da", "De", "Do", "Dra", "Fa", "Fe", "Fi", "Ga", "Gri", "Ha", "He", "Ho", "Ja",
        "Je", "Jo", "Ka", "Ke", "Ki", "La", "Le", "Li", "Lo", "Ma", "Me", "Mi", "Mo", "Na", "Ne", "Ni", "No", "Pa", "Pe", "Ra", "Re", "Ro", "Sa",
        "Se", "Sha", "Si", "So", "Ta", "Te", "Ti", "To", "Tri", "Va", "Ve", "Vi", "Wa", "Wi", "Ya", "Za", "Zo",
    ];

    private static readonly string[] Middles = ["", "", "la", "ri", "mi", "na", "ro", "li", "ve", "do", "be", "sa", "ti"];

    private static readonly string[] Ends =
    [
        "n", "ra", "lo", "nia", "na", "ko", "rin", "sh", "th", "ver", "den", "mir", "la", "ta", "vin", "l", "rd", "s", "ny", "die", "bert", "mund", "lyn", "ric",
    ];

    // Wild names can hold any pair of tokens. Without them a model learns how names usually go on after their first token, and says that of
    // a name that it was told a moment ago.
    private static readonly string[] Onsets =
    [
        "", "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "qu", "r", "s", "t", "v", "w", "y", "z",
        "br", "ch", "cl", "cr", "dr", "fl", "fr", "gl", "gr", "kr", "pl", "pr", "sh", "sl", "sk", "sp", "st", "th", "tr", "tw", "wh",
    ];

    private static readonly string[] Nuclei = ["a", "a", "e", "e", "i", "i", "o", "o", "u", "ai", "au", "ea", "ee", "ie", "oo", "ou", "y"];

    private static readonly string[] Codas =
    [
        "", "", "", "", "n", "r", "l", "s", "t", "m", "d", "k", "ck", "nn", "ll", "ss", "rr", "x", "z", "rd", "rt", "nd", "nk", "ng", "th", "sh", "mp", "lf", "p", "b", "g",
    ];

    private static readonly string[] StrangeStarts = ["gru", "bli", "sno", "kra", "plo", "tre", "dro", "fli", "qua", "stu", "zwi", "thu", "sku", "vro", "glo", "pli"];
    private static readonly string[] StrangeMiddles = ["", "ba", "di", "lo", "mu", "ne", "ri"];
    private static readonly string[] StrangeEnds = ["k", "vin", "x", "p", "zle", "mp", "nt", "dle", "rg", "ff", "st", "bbit"];

    private static readonly HashSet<string> Listed = [.. Visitors, .. She, .. He];

    /// <summary>The name of a story's hero.</summary>
    public static string Hero(bool isShe, RandomStream random) => (isShe ? She : He)[random.Next(She.Length / 2)];

    /// <summary>The name of a story's helper.</summary>
    public static string Helper(bool isShe, RandomStream random) => (isShe ? She : He)[random.Next(She.Length / 2, She.Length)];

    /// <summary>The name of a visitor: from the list or invented, of the split. Out of distribution they are double names.</summary>
    public static string Visitor(Split split, RandomStream random)
    {
        if (split == Split.OutOfDistribution) return Visitor(Split.HeldOut, random) + " " + Visitor(Split.HeldOut, random);
        while (true)
        {
            string name = (split == Split.Train ? random.Next(4) : random.Next(2)) switch
            {
                0 => random.Pick(Visitors),
                1 => random.Pick(Starts) + random.Pick(Middles) + random.Pick(Ends),
                _ => Wild(random),
            };
            if (name.Length > 2 && Composition.Fits(name, split, 8)) return name;
        }
    }

    /// <summary>A word of any letters in which any token may follow any other; lower-case.</summary>
    public static string Invented(RandomStream random) => Wild(random).ToLowerInvariant();

    private static string Wild(RandomStream random)
    {
        string name = "";
        for (int syllables = 1 + random.Next(3); syllables > 0; syllables--) name += random.Pick(Onsets) + random.Pick(Nuclei) + (syllables == 1 || random.Next(3) == 0 ? random.Pick(Codas) : "");
        return name.Length > 9 ? Wild(random) : Composition.Capital(name);
    }

    /// <summary>A word for a thing that no document ever tells anything about; lower-case.</summary>
    public static string Unknown(Split split, RandomStream random)
    {
        while (true)
        {
            string name = random.Pick(StrangeStarts) + random.Pick(StrangeMiddles) + random.Pick(StrangeEnds);
            if (name.Length > 4 && Composition.Fits(name, split, 8)) return name;
        }
    }

    /// <summary>Whether the word is on a list of names.</summary>
    public static bool IsListed(ReadOnlySpan<char> word) => Listed.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);

    /// <summary>Whether the word looks like a name made of syllables and is on no list.</summary>
    public static bool IsInvented(ReadOnlySpan<char> word) => word.Length > 2 && char.IsUpper(word[0]) && EndsLikeInvented(word) && !IsListed(word);

    private static bool EndsLikeInvented(ReadOnlySpan<char> word)
    {
        foreach (string start in Starts)
        {
            if (!word.StartsWith(start, StringComparison.Ordinal)) continue;
            foreach (string end in Ends)
            {
                if (!word.EndsWith(end, StringComparison.Ordinal)) continue;
                int middle = word.Length - start.Length - end.Length;
                if (middle >= 0 && Array.IndexOf(Middles, word.Slice(start.Length, middle).ToString()) >= 0) return true;
            }
        }

        return false;
    }
}
