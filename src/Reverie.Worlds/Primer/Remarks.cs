using System.Globalization;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>What people tell about themselves, and answers that show one has listened: they take up a word of the remark.</summary>
internal static class Remarks
{
    private static readonly (Wordings Said, string[] Replies)[] All =
    [
        (new(["I have {a animal}.", "I have {a animal} at home.", "There is {a animal} in my garden."], ["At home I have {a animal}.", "We have {a animal}."]),
            ["{A animal}! How nice.", "I like the {animal}. What is its name?", "{A animal} is a good friend."]),
        (new(["I saw {a animal} today.", "Today I saw {a animal}.", "Look, {a animal}!"], ["I just saw {a animal}.", "This morning I saw {a animal}."]),
            ["{A animal}! Was it big?", "I wish I could see {a animal} too."]),
        (new(["I like {food}.", "I want some {food}.", "I am eating {food}.", "Today we have {food}."], ["I am having some {food}.", "Do you want some {food}?"]),
            ["{food}! That sounds good.", "I hope the {food} tastes good."]),
        (new(["I have a {colour} {thing}.", "I found a {colour} {thing}.", "I got a {colour} {thing} today."], ["Somebody gave me a {colour} {thing}.", "Here is my {colour} {thing}."]),
            ["A {colour} {thing}! How nice.", "What do you do with the {colour} {thing}?"]),
        (new(["I lost my {thing}.", "My {thing} is gone.", "Where is my {thing}?", "I cannot find my {thing}."], ["I have lost my {thing}.", "Somebody took my {thing}."]),
            ["I am sorry about your {thing}. Where did you see it last?", "Maybe the {thing} is under the bed."]),
        (new(["I am {n} years old.", "I am {n}.", "I will be {n} tomorrow."], ["Today I am {n} years old.", "I turned {n}."]),
            ["{n} years! I am only a few minutes old.", "{n} is a good age."]),
        (new(["I was at the {place}.", "I am going to the {place}.", "I live near the {place}."], ["Tomorrow I will go to the {place}.", "I am at the {place}."]),
            ["The {place} must be nice.", "What do you do at the {place}?"]),
        (new(["I am a {job}.", "I work as a {job}.", "My father is a {job}.", "I want to be a {job}."], ["My son wants to be a {job}.", "My work is to be a {job}."]),
            ["A {job}! That is a good job.", "It must be nice to be a {job}."]),
        (new(["I am reading a book.", "I am learning to read.", "I go to school.", "I play football.", "I can swim.", "I like to sing.", "I like to dance.", "I am learning English."], ["I like to play.", "I like to read."]),
            ["That sounds like fun. Tell me more!", "How nice! Do you do that every day?"]),
        (new(["My friend is nice.", "I have a good friend.", "My friend is funny.", "I have a sister.", "I have two brothers.", "My mother is here.", "I love my mother."], ["I have many friends.", "My sister is nice."]),
            ["It is good to have somebody.", "How nice! Tell me more."]),
        (new(["What is {x} / {y}?", "Divide {x} by {y}.", "What is {x} divided by {y}?", "What is half of {x}?"], ["How much is {x} / {y}?", "Can you divide {x} by {y}?"]),
            ["I have not learned to divide yet. I can add, take away and multiply."]),
    ];

    private static readonly string[] Jobs = ["baker", "doctor", "teacher", "farmer", "painter", "sailor", "singer", "builder", "writer", "cook"];

    /// <summary>A remark and the replies that fit it.</summary>
    public static (string Said, string[] Replies) Draw(Split split, RandomStream random)
    {
        (Wordings said, string[] replies) = random.Pick(All);
        string animal = random.Pick(Words.Animals), food = random.Pick(Words.Foods), colour = random.Pick(Words.Colours), thing = random.Pick(Words.Things);
        string place = random.Pick(Words.Places), job = random.Pick(Jobs), n = Number(random.Next(5, 80)), x = Number(random.Next(2, 100)), y = Number(random.Next(2, 12));
        return (Fill(said.Pick(split, random)), [.. replies.Select(Fill)]);

        string Fill(string template) => Composition.Fill(
            template.Replace("a {colour}", "{a colour}").Replace("A {colour}", "{a colour}"), ("animal", animal), ("a animal", Composition.WithArticle(animal)), ("A animal", Composition.WithArticle(animal)), ("food", food),
            ("colour", colour), ("a colour", Composition.WithArticle(colour)), ("thing", thing), ("place", place), ("job", job), ("n", n), ("x", x), ("y", y));
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
