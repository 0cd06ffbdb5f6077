using System.Collections.Immutable;
using System.Globalization;

namespace Reverie.Worlds;

/// <summary>Where an order is.</summary>
internal enum OrderStatus
{
    /// <summary>Still in the shop: it can be cancelled.</summary>
    Packed,

    /// <summary>On its way.</summary>
    Shipped,

    /// <summary>With the customer.</summary>
    Delivered,
}

/// <summary>An order.</summary>
/// <param name="Number">Three digits.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="Item">What was bought: "red hat".</param>
/// <param name="Status">Where it is.</param>
/// <param name="Days">Days since it was delivered.</param>
/// <param name="Outcome">What was done about it; empty for nothing.</param>
internal sealed record Order(string Number, string Customer, string Item, OrderStatus Status, int Days, string Outcome = "")
{
    /// <summary>"shipped", or "delivered 12 days ago".</summary>
    public string Whereabouts => Status == OrderStatus.Delivered ? string.Create(CultureInfo.InvariantCulture, $"delivered {Days} days ago") : Status.ToString().ToLowerInvariant();

    public override string ToString() => $"{Number} {Customer}: {Item}, {Whereabouts}{(Outcome.Length == 0 ? "" : ", " + Outcome)}";
}

/// <summary>What the shop allows.</summary>
/// <param name="RefundDays">Days after delivery in which money is given back; an exchange is possible for twice as long.</param>
internal sealed record Policy(int RefundDays)
{
    public int ExchangeDays => 2 * RefundDays;

    public bool AllowsRefund(Order order) => order.Status == OrderStatus.Delivered && order.Days <= RefundDays;

    public bool AllowsExchange(Order order) => order.Status == OrderStatus.Delivered && order.Days <= ExchangeDays;

    /// <summary>As the actor is told.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"You help the customers of a shop. Refund up to {RefundDays} days after delivery, exchange up to {ExchangeDays} days. Cancel only what is not shipped. Never tell about orders of others. For all else transfer.");
}

/// <summary>The shop's orders, and whether the customer was handed over to a person. It never changes: a call gives a new one. The tools do what they are told; to keep the policy is the actor's work.</summary>
internal sealed record Shop(ImmutableSortedDictionary<string, Order> Orders, bool IsTransferred = false)
{
    /// <summary>A shop with these orders.</summary>
    public static Shop Of(IEnumerable<Order> orders) => new(orders.ToImmutableSortedDictionary(o => o.Number, o => o, StringComparer.Ordinal));

    /// <summary>Carries out a call.</summary>
    /// <returns>The shop afterwards, and what the tool says.</returns>
    public (Shop After, string Result) Call(ToolCall call)
    {
        Order? order = call.Text("order") is { } number ? Orders.GetValueOrDefault(number.Trim().TrimStart('#')) : null;
        return call.Name switch
        {
            "find_order" => (this, Find(order, call.Text("name"))),
            "transfer" => (this with { IsTransferred = true }, "ok"),
            "refund" or "exchange" or "cancel_order" when order is null => (this, "no such order"),
            "refund" or "exchange" or "cancel_order" when order.Outcome.Length > 0 => (this, "already " + order.Outcome),
            "refund" => Settle(order!, "refunded"),
            "cancel_order" => Settle(order!, "cancelled"),
            "exchange" => call.Text("for") is { Length: > 0 and <= 40 } item ? Settle(order!, $"exchanged for {Bare(item)}") : (this, "needs an item"),
            _ => (this, "no such tool"),
        };
    }

    public override string ToString() => $"{string.Join("; ", Orders.Values)}; {IsTransferred}";

    private string Find(Order? order, string? name)
    {
        if (order is not null) return order.ToString();
        string found = string.Join("; ", Orders.Values.Where(o => o.Customer.Equals(name?.Trim(), StringComparison.OrdinalIgnoreCase)));
        return found.Length > 0 ? found : "no such order";
    }

    private (Shop, string) Settle(Order order, string outcome) => (this with { Orders = Orders.SetItem(order.Number, order with { Outcome = outcome }) }, "ok");

    private static string Bare(string item)
    {
        string text = item.Trim().ToLowerInvariant();
        return text.StartsWith("a ", StringComparison.Ordinal) ? text[2..] : text.StartsWith("the ", StringComparison.Ordinal) ? text[4..] : text;
    }
}
