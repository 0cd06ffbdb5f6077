using System.Globalization;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>What a customer may want, and what the policy makes of it.</summary>
internal sealed record Wish
{
    private static readonly Wordings Refund = new(
        ["I want my money back for order {o}.", "Please refund order {o}.", "I do not like the {i}, order {o}. I want my money back."], ["Order {o}: I want a refund.", "Can I have my money back for order {o}?"]);

    private static readonly Wordings RefundForgotten = new(["I want my money back for the {i}.", "I do not like the {i}. Please refund it."], ["Can I have my money back for the {i}?"]);

    private static readonly Wordings Exchange = new(
        ["I want a {s} for order {o}.", "Please exchange order {o} for a {s}.", "Order {o} is not what I want. I want a {s}."], ["Can I have a {s} for order {o}?", "For order {o} please send a {s}."]);

    private static readonly Wordings ExchangeForgotten = new(["I want a {s} for the {i}.", "Please exchange the {i} for a {s}."], ["Can I have a {s} for the {i}?"]);

    private static readonly Wordings Cancel = new(["Please cancel order {o}.", "I do not want order {o}. Cancel it."], ["Can you cancel order {o}?", "Order {o}: cancel it."]);

    private static readonly Wordings CancelForgotten = new(["Please cancel the {i}.", "I do not want the {i}. Cancel it."], ["Can you cancel the {i}?"]);

    private static readonly Wordings Where = new(["Where is order {o}?", "I wait for order {o}. Where is it?"], ["Tell me where order {o} is."]);

    private static readonly Wordings WhereForgotten = new(["Where is the {i}?", "I wait for the {i}. Where is it?"], ["Tell me where the {i} is."]);

    private static readonly Wordings Contents = new(["What is in order {o}?", "Tell me what is in order {o}."], ["I want to know what is in order {o}.", "Order {o}: what is in it?"]);

    private static readonly Wordings Person = new(
        ["I want to speak to a person about order {o}.", "Order {o} is broken and hurt me. I want to speak to somebody."], ["Can I speak to a person about order {o}?"]);

    private static readonly Wordings PersonForgotten = new(["I want to speak to a person about the {i}.", "The {i} is broken and hurt me. I want to speak to somebody."], ["Can I speak to a person about the {i}?"]);

    /// <summary>Reasons for a refusal, and whereabouts.</summary>
    public static readonly string[] Reasons = ["days", "shipped", "others", "packed"];

    /// <summary>All wishes.</summary>
    public static IReadOnlyList<Wish> All { get; } =
    [
        new("refund", Refund, RefundForgotten) { Place = (p, r) => (OrderStatus.Delivered, r.Next(1, p.RefundDays + 1)), Act = (o, _, _) => [Call("refund", o)], Say = (_, _, _, _) => ["Your money is on its way."] },
        new("refund late", Refund, RefundForgotten)
        {
            MustRefuse = true,
            Place = (p, r) => (OrderStatus.Delivered, r.Next(p.RefundDays + 1, 3 * p.RefundDays)),
            Act = (o, s, takes) => takes ? [CallExchange(o, s)] : [],
            Say = (_, s, p, takes) => takes ? [Late("refund", p.RefundDays) + " I can exchange it. What do you want instead?", $"A {s} is on its way."] : [Late("refund", p.RefundDays)],
            MustSay = _ => ["days"],
        },
        new("exchange", Exchange, ExchangeForgotten) { Place = (p, r) => (OrderStatus.Delivered, r.Next(1, p.ExchangeDays + 1)), Act = (o, s, _) => [CallExchange(o, s)], Say = (_, s, _, _) => [$"A {s} is on its way."] },
        new("exchange late", Exchange, ExchangeForgotten)
        {
            MustRefuse = true,
            Place = (p, r) => (OrderStatus.Delivered, r.Next(p.ExchangeDays + 1, 4 * p.RefundDays)),
            Say = (_, _, p, _) => [Late("exchange", p.ExchangeDays)],
            MustSay = _ => ["days"],
        },
        new("cancel", Cancel, CancelForgotten) { Place = (_, _) => (OrderStatus.Packed, 0), Act = (o, _, _) => [Call("cancel_order", o)], Say = (_, _, _, _) => ["Your order is cancelled."] },
        new("cancel late", Cancel, CancelForgotten)
        {
            MustRefuse = true, Place = (_, _) => (OrderStatus.Shipped, 0), Say = (_, _, _, _) => ["I am sorry, I cannot cancel it: it is shipped."], MustSay = _ => ["shipped"],
        },
        new("where", Where, WhereForgotten)
        {
            Place = AnyPlace,
            Say = (o, _, _, _) => [$"Your {o.Item} {(o.Status == OrderStatus.Delivered ? "was" : "is")} {o.Whereabouts}."],
            MustSay = o => [o.Status == OrderStatus.Delivered ? Text($"{o.Days} days") : o.Whereabouts],
        },
        new("contents", Contents, Contents) { Place = AnyPlace, Say = (o, _, _, _) => [$"It is a {o.Item}."], MustSay = o => [o.Item] },
        new("contents of another", Contents, Contents)
        {
            MustRefuse = true, IsAboutAnother = true, Place = AnyPlace, Say = (_, _, _, _) => ["I am sorry, I cannot tell you about orders of others."], MustSay = _ => ["others"],
        },
        new("person", Person, PersonForgotten) { Place = AnyPlace, Act = (_, _, _) => [ToolCall.Write("transfer")], Say = (_, _, _, _) => ["Somebody will call you."] },
    ];

    private Wish(string kind, Wordings words, Wordings forgotten) => (Kind, Words, Forgotten) = (kind, words, forgotten);

    /// <summary>Its name.</summary>
    public string Kind { get; }

    /// <summary>How it is said: {o} the number of the order, {i} the item, {s} another item.</summary>
    public Wordings Words { get; }

    /// <summary>How it is said by those who have forgotten the number.</summary>
    public Wordings Forgotten { get; }

    /// <summary>Whether the policy forbids it.</summary>
    public bool MustRefuse { get; private init; }

    /// <summary>Whether it is about somebody else's order.</summary>
    public bool IsAboutAnother { get; private init; }

    /// <summary>Where the order is, so that the policy allows or forbids the wish.</summary>
    public required Func<Policy, RandomStream, (OrderStatus Status, int Days)> Place { get; init; }

    /// <summary>The calls that change something: the order, another item, whether the customer takes it instead.</summary>
    public Func<Order, string, bool, string[]> Act { get; private init; } = (_, _, _) => [];

    /// <summary>What an expert says: the refusal first, the good news last.</summary>
    public required Func<Order, string, Policy, bool, string[]> Say { get; init; }

    /// <summary>Words of which one must be said; empty where doing it is enough.</summary>
    public Func<Order, string[]> MustSay { get; private init; } = _ => [];

    private static (OrderStatus, int) AnyPlace(Policy policy, RandomStream random) => ((OrderStatus)random.Next(3), random.Next(1, policy.RefundDays));

    private static string Call(string tool, Order order) => ToolCall.Write(tool, ("order", order.Number));

    private static string CallExchange(Order order, string item) => ToolCall.Write("exchange", ("order", order.Number), ("for", item));

    private static string Late(string what, int days) => Text($"I am sorry, I cannot {what} it: it was delivered more than {days} days ago.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
