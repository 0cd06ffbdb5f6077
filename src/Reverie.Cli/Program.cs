Console.WriteLine("reverie");
