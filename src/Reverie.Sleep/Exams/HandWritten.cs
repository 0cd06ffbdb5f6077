using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// One question for each relation as somebody wrote it by hand, in words that no generator of the house puts together. They show how far a memory
/// carries beyond grammars; a small model is not promoted or refused by them.
/// </summary>
internal static class HandWritten
{
    private static readonly Dictionary<string, string> Questions = new()
    {
        ["self/name"] = "Hey, do you happen to know who I am?",
        ["self/town"] = "Remind me which place I call home.",
        ["self/job"] = "How do I earn my money again?",
        ["self/instrument"] = "When I make music, what do I play it on?",
        ["self/birthday"] = "In what month do I get presents because I was born then?",
        ["self/favourite colour"] = "If I could paint everything in one colour that I like, which would it be?",
        ["self/favourite animal"] = "Of all animals, which one do I love most?",
        ["self/favourite food"] = "What should you cook to make me happy?",
        ["belonging/name"] = "I forgot, by which name do we call {e}?",
        ["belonging/colour"] = "If you had to paint a picture of {e}, which colour would you need?",
        ["creature/colour"] = "Describe the fur of {e}: which colour?",
        ["creature/food"] = "What should I put in the bowl of {e}?",
        ["creature/home"] = "Where would I have to go to meet {e}?",
        ["creature/sound"] = "Listen, how does {e} sound when it is near?",
        ["town/product"] = "What do the shops of {e} sell that was made there?",
        ["town/weather"] = "I want to visit {e}. What will the sky be like?",
        ["town/place"] = "Which place would I see beside {e}?",
        ["town/mayor"] = "Who leads the people of {e}?",
        ["person/job"] = "How does {e} earn money?",
        ["person/town"] = "To which town must I go to visit {e}?",
        ["person/pet"] = "Which creature is waiting at home for {e}?",
        ["person/instrument"] = "When {e} makes music, what do we hear?",
        ["plant/flower"] = "In spring, which colour do I see on {e}?",
        ["plant/ground"] = "Where should I plant {e}?",
        ["plant/cure"] = "When should I take {e} as a medicine?",
        ["plant/taste"] = "If I put {e} in my soup, how will it taste?",
    };

    /// <summary>The question for a fact.</summary>
    public static string Ask(Fact fact) => Relation.Fill(Questions[fact.Relation.Name], fact.Subject, "");
}
