namespace Reverie.Models;

/// <summary>
/// Requests that wait. The next comes from the owner who was served the fewest tokens, and among those of one owner or of equal ones from
/// the front. Who comes back after a pause has saved up nothing: its count is lifted to the least of those who are there
/// (virtual token counter, arXiv 2401.00588).
/// </summary>
internal sealed class WaitingLine
{
    private readonly Lock _lock = new();
    private readonly List<Generation> _line = [];
    private readonly Dictionary<string, OwnerAccount> _owners = [];

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _line.Count;
        }
    }

    /// <summary>Puts a new request at the end; from any thread.</summary>
    public void Add(Generation generation)
    {
        lock (_lock)
        {
            long least = long.MaxValue;
            foreach (OwnerAccount other in _owners.Values)
                if (other.Pending > 0) least = Math.Min(least, other.Served);
            if (!_owners.TryGetValue(generation.Request.Owner, out OwnerAccount? account))
            {
                // Those who left and would be lifted anyway are forgotten.
                foreach ((string owner, OwnerAccount other) in _owners)
                    if (other.Pending == 0 && other.Served <= least) _owners.Remove(owner);
                _owners.Add(generation.Request.Owner, account = new OwnerAccount());
            }

            if (account.Pending++ == 0 && least < long.MaxValue) account.Served = Math.Max(account.Served, least);
            generation.Account = account;
            _line.Add(generation);
        }
    }

    /// <summary>Puts one back that had begun, before all others of its owner.</summary>
    public void Return(Generation generation)
    {
        lock (_lock) _line.Insert(0, generation);
    }

    /// <summary>Says that a request has ended.</summary>
    public void Ended(Generation generation)
    {
        lock (_lock) generation.Account!.Pending--;
    }

    /// <summary>Moves those that were cancelled.</summary>
    public void TakeCancelled(List<Generation> cancelled)
    {
        lock (_lock)
        {
            foreach (Generation generation in _line)
                if (generation.IsCancelled) cancelled.Add(generation);
            if (cancelled.Count > 0) _line.RemoveAll(cancelled.Contains);
        }
    }

    /// <summary>The one whose turn it is, which stays in the line; null for none.</summary>
    /// <param name="passed">Those that were asked and cannot begin yet.</param>
    public Generation? Next(HashSet<Generation> passed)
    {
        lock (_lock)
        {
            Generation? next = null;
            foreach (Generation generation in _line)
                if ((next is null || generation.Account!.Served < next.Account!.Served) && !passed.Contains(generation)) next = generation;
            return next;
        }
    }

    /// <summary>Takes one out of the line.</summary>
    public void Remove(Generation generation)
    {
        lock (_lock) _line.Remove(generation);
    }

    /// <summary>Takes all out of the line.</summary>
    public IReadOnlyList<Generation> Clear()
    {
        lock (_lock)
        {
            Generation[] all = [.. _line];
            _line.Clear();
            return all;
        }
    }
}
