using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Lab;

/// <summary>The base on which all arms stand, and what examines and teaches it.</summary>
internal sealed class Bench : IDisposable
{
    private readonly Checkpoint _checkpoint;

    /// <summary>Loads the base.</summary>
    /// <exception cref="ReverieException">There is none, or it has no lineage.</exception>
    public Bench(string folder, NightOptions night)
    {
        _checkpoint = Checkpoint.Load(folder);
        try
        {
            BaseId = _checkpoint.Lineage?.Id ?? throw new ReverieException($"{folder} has no {Lineage.FileName}, so nobody could say what was measured. Take it into the workspace first: reverie models import.");
        }
        catch
        {
            _checkpoint.Dispose();
            throw;
        }

        (Night, Kernels) = (night, CpuKernels.Create(night.Threads));
        Study = new NightStudy(Model, Tokenizer, Kernels, night);
        Examiner = new Examiner(Model, Tokenizer, Kernels, seed: 3);
    }

    /// <summary>Where the base is.</summary>
    public string Folder => _checkpoint.Folder;

    /// <summary>Name of the base.</summary>
    public string Name => _checkpoint.Name;

    /// <summary>Id of the base.</summary>
    public string BaseId { get; }

    /// <summary>The base.</summary>
    public Transformer Model => _checkpoint.Transformer;

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer => _checkpoint.Tokenizer;

    /// <summary>What computes.</summary>
    public IKernels Kernels { get; }

    /// <summary>Settings of the nights; the other arms that learn use the same rank, rate and batch.</summary>
    public NightOptions Night { get; }

    /// <summary>Trains adapters as a night does.</summary>
    public NightStudy Study { get; }

    /// <summary>Examines adapters.</summary>
    public Examiner Examiner { get; }

    /// <summary>Tokens of a conversation as a prompt.</summary>
    public int CountTokens(IReadOnlyList<Message> messages, bool isPrompt = true) => Tokenizer.ChatTemplate.Render(messages, addGenerationPrompt: isPrompt).Tokens.Length;

    /// <summary>Frees the base.</summary>
    public void Dispose()
    {
        _checkpoint.Dispose();
        Kernels.Dispose();
    }
}
