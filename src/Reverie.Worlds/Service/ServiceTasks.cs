using System.Globalization;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Customer service: a policy, orders, and a customer of some persona who wants money back, something else, to cancel, to know where an
/// order is or what is in it, or to speak with somebody. Held out are wordings, and pairs of wish and persona; out of distribution are
/// a policy with other numbers, and customers who are angry and forgetful at once.
/// </summary>
public sealed class ServiceTasks : ITaskSet
{
    private const int HeldOutPairs = 4;

    private static readonly ToolDefinition[] Tools =
    [
        new("find_order", "Finds an order, or all orders of a customer.", ("order?", "The number."), ("name?", "The customer.")),
        new("refund", "Gives the money back.", ("order", "The number.")),
        new("exchange", "Sends another item.", ("order", "The number."), ("for", "The other item.")),
        new("cancel_order", "Cancels an order.", ("order", "The number.")),
        new("transfer", "Hands the customer over to a person."),
        new("done", "The conversation is over."),
    ];

    /// <summary>Whether a system message describes the tools. Models raised on the demonstrations know them.</summary>
    public bool DescribeTools { get; init; }

    /// <inheritdoc/>
    public string Name => "service";

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
    {
        var random = new RandomStream(seed, $"service/{split}");
        while (true)
        {
            Wish wish = random.Pick(Wish.All);
            Persona persona = random.Pick(Persona.All);
            bool isDouble = persona == Persona.All[^1];
            if (split == Split.OutOfDistribution ? isDouble || random.Next(3) == 0 : !isDouble && Composition.Fits($"{wish.Kind}/{persona.Name}", split, HeldOutPairs))
                yield return Draw(wish, persona, split, random);
        }
    }

    private ServiceTask Draw(Wish wish, Persona persona, Split split, RandomStream random)
    {
        var policy = new Policy(split == Split.OutOfDistribution ? random.Pick([25, 40]) : random.Pick([10, 20, 30]));
        Order[] orders = Orders(wish, policy, random);
        Order about = orders[wish.IsAboutAnother ? 1 : 0];
        string name = orders[0].Customer, substitute = Item(random, orders);
        // Who asks about somebody else's order has its number, or there would be nothing to ask.
        if (wish.IsAboutAnother || wish.Kind == "contents") persona = persona with { Forgets = false };

        string opening = persona.Forgets
            ? wish.Forgotten.Pick(split, random)
            : wish.Words.Pick(split, random) + " " + new Wordings(["I am {n}.", "My name is {n}."], ["This is {n}."]).Pick(split, random);
        string said = persona.Before.Pick(split, random) + Composition.Fill(opening, ("o", about.Number), ("i", about.Item), ("s", substitute), ("n", name)) + persona.After.Pick(split, random);
        string rules = policy.ToString();
        Message system = DescribeTools ? ToolDefinition.Describe(rules, Tools) : new Message(Role.System, rules);

        bool takesSubstitute = wish.Kind == "refund late" && policy.AllowsExchange(about);
        var customer = new Customer(persona, about, name, takesSubstitute ? substitute : null);
        List<string> turns = persona.Forgets
            ? ["What is the number of your order?", ToolCall.Write("find_order", ("name", name))]
            : [ToolCall.Write("find_order", ("order", about.Number))];
        string[] actions = wish.Act(about, substitute, takesSubstitute), words = wish.Say(about, substitute, policy, takesSubstitute);
        if (wish.MustRefuse) turns.AddRange(Enumerable.Repeat(words[0], 1 + persona.Insists.Length));
        turns.AddRange(actions);
        if (!wish.MustRefuse || takesSubstitute) turns.Add(words[^1]);

        var initial = Shop.Of(orders);
        Shop wanted = actions.Aggregate(initial, (shop, call) => shop.Call(ToolCall.Parse(call, out _)!).After);
        return new ServiceTask([system, new Message(Role.User, said)])
        {
            Kind = $"{wish.Kind}/{persona.Name}",
            Initial = initial,
            Wanted = wanted,
            Turns = turns,
            MustSay = wish.MustSay(about),
            MustRefuse = wish.MustRefuse,
            Rivals = [.. Wish.Reasons.Where(r => !wish.MustSay(about).Any(word => Reply.HasWords(word, r)))],
            Secrets = [.. orders.Where(o => o.Customer != name).Select(o => o.Item)],
            About = about,
            Customer = customer,
            PartnerBrief = $"You are {name}, a customer of a shop who is {persona.Name}. {Composition.Fill(wish.Words.Train[0], ("o", about.Number), ("i", about.Item), ("s", substitute))} You speak with the shop. Say one or two short sentences.",
        };
    }

    // The first order is the customer's, the others belong to others.
    private static Order[] Orders(Wish wish, Policy policy, RandomStream random)
    {
        string[] people = [.. Names.She[..10], .. Names.He[..10]];
        random.Shuffle<string>(people);
        var orders = new List<Order>();
        while (orders.Count < 4)
        {
            string number = random.Next(100, 1_000).ToString(CultureInfo.InvariantCulture), item = Item(random, orders);
            if (orders.Exists(o => o.Number == number)) continue;
            (OrderStatus status, int days) = orders.Count == 0 ? wish.Place(policy, random) : ((OrderStatus)random.Next(3), random.Next(1, 3 * policy.RefundDays));
            orders.Add(new Order(number, people[orders.Count], item, status, status == OrderStatus.Delivered ? days : 0));
        }

        return [.. orders];
    }

    // An item that none of the orders has, or to name it would tell about them.
    private static string Item(RandomStream random, IReadOnlyCollection<Order> orders)
    {
        while (true)
        {
            string item = $"{random.Pick(_colours)} {random.Pick(_goods)}";
            if (orders.All(o => o.Item != item)) return item;
        }
    }

    private static readonly string[] _colours = ["red", "blue", "green", "yellow", "white", "black", "brown", "pink"];
    private static readonly string[] _goods = ["hat", "coat", "lamp", "ball", "kite", "book", "cup", "bag", "scarf", "box"];
}
