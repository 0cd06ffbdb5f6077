using System.Collections.Concurrent;

namespace Reverie.Serving;

/// <summary>The meters of all keys that were used. One whose limits were changed begins anew.</summary>
internal sealed class KeyMeters(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, KeyMeter> _meters = [];

    /// <summary>The meter of a user's key.</summary>
    public KeyMeter Of(User user) => _meters.AddOrUpdate(
        user.KeyId ?? "", _ => new KeyMeter(user.Limits, clock), (_, meter) => meter.Limits == user.Limits ? meter : new KeyMeter(user.Limits, clock));
}
