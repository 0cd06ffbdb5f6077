using System.Security.Cryptography;
using System.Text;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>What is simulated.</summary>
public sealed record LabOptions
{
    // Goes up when lives, questions or arms change their meaning: results before it are not continued.
    private const int Version = 3;

    /// <summary>Days of a life.</summary>
    public int Days { get; init; } = 5;

    /// <summary>New and changed facts of a day.</summary>
    public int Facts { get; init; } = 20;

    /// <summary>Lives; their seeds are 1, 2, 3, ...</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Lives that are lived at a time; they share the threads, and nothing else depends on it.</summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>Questions of a day and arm, about.</summary>
    public int Questions { get; init; } = 150;

    /// <summary>The arms.</summary>
    public IReadOnlyList<string> Arms { get; init; } = LabArms.All;

    /// <summary>Days between two oracles; the last day has one too.</summary>
    public int OracleEvery { get; init; } = 5;

    /// <summary>Settings of the nights.</summary>
    public NightOptions Night { get; init; } = new();

    /// <summary>
    /// Names the experiment on a base. More days and more lives go on with the same one; whatever changes what a day is makes another.
    /// </summary>
    public string IdOn(string baseId)
    {
        string text = $"{Version}\n{baseId}\n{Facts}\n{Questions}\n{string.Join(',', Arms)}\n{OracleEvery}\n{SleepJson.Text(Night with { Threads = 0, Rebuild = false })}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
    }
}
